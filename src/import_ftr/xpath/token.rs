//! The tokens of an `XPath` expression.

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name of an element, attribute, axis or function, or an operator that is a word.
    Name(String),
    /// A string.
    Literal(String),
    /// A number.
    Number(f64),
    /// A mark, such as `//` or `::`.
    Mark(&'static str),
}

/// Marks, longer ones first.
const MARKS: &[&str] = &[
    "::", "//", "..", "!=", "<=", ">=", "/", ".", "@", "(", ")", "[", "]", ",", "|", "=", "<", ">", "+", "-", "*", "$",
];

/// Splits an expression into tokens. Fails with what is wrong.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = token(first, rest)?;
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

fn token(first: char, rest: &str) -> Result<(Token, &str), String> {
    if first == '"' || first == '\'' {
        return literal(first, rest);
    }
    let digit_next = rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit());
    if first.is_ascii_digit() || first == '.' && digit_next {
        return number(rest);
    }
    if is_name_start(first) {
        return Ok(name(rest));
    }
    let mark = MARKS
        .iter()
        .find_map(|mark| rest.strip_prefix(mark).map(|after| (Token::Mark(mark), after)));
    mark.ok_or_else(|| format!("`{first}` has no meaning here"))
}

fn literal(quote: char, rest: &str) -> Result<(Token, &str), String> {
    let inner = rest.strip_prefix(quote).unwrap_or(rest);
    let (text, after) = inner
        .split_once(quote)
        .ok_or_else(|| "a string is not closed".to_owned())?;
    Ok((Token::Literal(text.to_owned()), after))
}

fn number(rest: &str) -> Result<(Token, &str), String> {
    let (digits, after) = split_while(rest, |c| c.is_ascii_digit() || c == '.');
    match digits.parse() {
        Ok(value) => Ok((Token::Number(value), after)),
        Err(_) => Err(format!("`{digits}` is no number")),
    }
}

/// A name. A colon belongs to it where a name follows that is no axis: then it parts a prefix from the rest.
fn name(rest: &str) -> (Token, &str) {
    let (name, after) = split_while(rest, is_name_part);
    let prefixed = after
        .strip_prefix(':')
        .filter(|local| local.starts_with(|c: char| is_name_start(c) || c == '*'));
    match prefixed {
        Some(local) => {
            let (local, after) = split_while(local, |c| is_name_part(c) || c == '*');
            (Token::Name(format!("{name}:{local}")), after)
        }
        None => (Token::Name(name.to_owned()), after),
    }
}

fn split_while(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.split_at(end)
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || "_-.".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_take_dashes_and_prefixes_but_no_axis() {
        let name = |text: &str| Token::Name(text.to_owned());
        assert_eq!(
            tokens("x-y self::a fb:like").unwrap(),
            [name("x-y"), name("self"), Token::Mark("::"), name("a"), name("fb:like")]
        );
    }

    #[test]
    fn what_can_not_be_read_is_told() {
        assert_eq!(tokens("//a[@b='c]"), Err("a string is not closed".to_owned()));
        assert_eq!(tokens("//a#b"), Err("`#` has no meaning here".to_owned()));
    }
}
