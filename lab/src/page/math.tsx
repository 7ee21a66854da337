/** Formulas as MathML, written as one would type them: `w_g = g w_c + ( 1 − g ) w_t−1`. Words are parted by spaces, lines by a semicolon. */
import type { VNode } from 'preact';

const OPERATORS = new Set(['=', '+', '−', '(', ')', ',', '∝', '←', '∗']);

/** Parentheses of their own size; the types want a boolean, which would leave the attribute out. */
const Operator = ({ text }: { readonly text: string }) => <mo {...({ stretchy: 'false' } as object)}>{text}</mo>;

/** A letter, a number or an operator. */
const Atom = ({ text }: { readonly text: string }): VNode => (OPERATORS.has(text) ? <Operator text={text} /> : /^\d+$/.test(text) ? <mn>{text}</mn> : <mi>{text}</mi>);

/** `t−1` as three. */
const Atoms = ({ text }: { readonly text: string }) => (
  <mrow>
    {text.split(/(−)/).map((part, i) => (
      <Atom key={i} text={part} />
    ))}
  </mrow>
);

/** `Σ_i`, `M_t−1(i)`, `)^γ`. */
const Word = ({ text }: { readonly text: string }) => {
  const [, base = text, under, power, of] = /^(.)(?:_([^(^]+))?(?:\^([^(]+))?(?:\((.+)\))?$/u.exec(text) ?? [];
  if (base === 'Σ' && under !== undefined) {
    return (
      <munder>
        <mo>∑</mo>
        <Atoms text={under} />
      </munder>
    );
  }
  return (
    <>
      {under !== undefined ? (
        <msub>
          <Atom text={base} />
          <Atoms text={under} />
        </msub>
      ) : power !== undefined ? (
        <msup>
          <Atom text={base} />
          <Atoms text={power} />
        </msup>
      ) : (
        <Atom text={base} />
      )}
      {of !== undefined && (
        <>
          <Operator text="(" />
          <Atoms text={of} />
          <Operator text=")" />
        </>
      )}
    </>
  );
};

export const Formula = ({ text, said }: { readonly text: string; readonly said: string }) => (
  <math aria-label={said} display="block">
    <mtable>
      {text.split(' ; ').map((line) => (
        <mtr key={line}>
          <mtd>
            {line.split(' ').map((word, i) => (
              <Word key={i} text={word} />
            ))}
          </mtd>
        </mtr>
      ))}
    </mtable>
  </math>
);
