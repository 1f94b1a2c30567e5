//! Ends of attributes, which `XPath` 1.0 can only compare by counting.

use crate::import_ftr::subject::{Subject, subject};
use crate::import_ftr::xpath::Expr;

/// The attribute whose end `substring(@a, string-length(@a) - n)` is, where it is as long as the text.
pub(super) fn ending(value: &Expr, text: &str) -> Option<Subject> {
    let Expr::Call(name, arguments) = value else {
        return None;
    };
    let [whole_value, start] = arguments.as_slice() else {
        return None;
    };
    let (lengths, rest) = length_minus(start, whole_value)?;
    #[expect(clippy::cast_precision_loss, reason = "characters of one line of a rule file")]
    let fits = name == "substring" && lengths && (1.0 - rest - text.chars().count() as f64).abs() < 0.5;
    if fits { subject(whole_value).ok() } else { None }
}

/// Reads `string-length(of) + n`: whether the length is in it, and the rest.
fn length_minus(expr: &Expr, of: &Expr) -> Option<(bool, f64)> {
    match expr {
        Expr::Number(number) => Some((false, *number)),
        #[expect(clippy::cast_precision_loss, reason = "characters of one line of a rule file")]
        Expr::Call(name, arguments) if name == "string-length" => match arguments.as_slice() {
            [Expr::Literal(text)] => Some((false, text.chars().count() as f64)),
            [inner] if inner == of => Some((true, 0.0)),
            _ => None,
        },
        Expr::Sum { left, right, minus } => {
            let ((first, a), (second, b)) = (length_minus(left, of)?, length_minus(right, of)?);
            let sound = !second || !first && !*minus;
            sound.then_some((first || second, if *minus { a - b } else { a + b }))
        }
        _ => None,
    }
}
