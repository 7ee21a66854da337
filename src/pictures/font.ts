/** Glyphs of 5 x 7 pixels: seven rows, top first, each a base-32 digit whose bits are the row's pixels. */
export const GLYPHS: Readonly<Record<string, string>> = {
  '0': 'ehjlphe', '1': '4c4444e', '2': 'eh1248v', '3': 'v2421he', '4': '26aiv22', '5': 'vgu11he',
  '6': '68guhhe', '7': 'v124888', '8': 'ehhehhe', '9': 'ehhf12c', 'a': '00e1fhf', 'b': 'ggmphhu',
  'c': '00egghe', 'd': '11djhhf', 'e': '00ehvge', 'f': '698s888', 'g': '0fhhf1e', 'h': 'ggmphhh',
  'i': '40c444e', 'j': '20622ic', 'k': 'ggikoki', 'l': 'c44444e', 'm': '00qllhh', 'n': '00mphhh',
  'o': '00ehhhe', 'p': '00uhugg', 'q': '00djf11', 'r': '00mpggg', 's': '00ege1u', 't': '88s8896',
  'u': '00hhhjd', 'v': '00hhha4', 'w': '00hhlla', 'x': '00ha4ah', 'y': '00hhf1e', 'z': '00v248v',
  '.': '00000cc', ',': '0000c48', '-': '000v000', '+': '044v440', '%': 'op248j3', '/': '01248g0',
  '(': '2488842', ')': '8422248', '=': '00v0v00', ':': '0cc0cc0',
};
