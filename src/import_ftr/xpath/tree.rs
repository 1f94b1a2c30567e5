//! The tree of an `XPath` expression.

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::import_ftr) enum Expr {
    /// One of these holds.
    Or(Vec<Expr>),
    /// All of these hold.
    And(Vec<Expr>),
    /// Two values compared.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// Two numbers added; the second one is subtracted where `minus` is set.
    Sum {
        /// The first one.
        left: Box<Expr>,
        /// The second one.
        right: Box<Expr>,
        /// Whether it is subtracted.
        minus: bool,
    },
    /// Other arithmetic, by its operator.
    Arithmetic(&'static str),
    /// Node sets joined.
    Union(Vec<Expr>),
    /// A location path.
    Path(Path),
    /// A value filtered by predicates, and a path from there.
    Filter {
        /// The value.
        primary: Box<Expr>,
        /// The predicates.
        predicates: Vec<Expr>,
        /// The path.
        steps: Vec<Step>,
    },
    /// A string.
    Literal(String),
    /// A number.
    Number(f64),
    /// A function call.
    Call(String, Vec<Expr>),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::import_ftr) enum Comparison {
    /// `=`.
    Equal,
    /// `!=`.
    Unequal,
    /// `<`.
    Less,
    /// `<=`.
    AtMost,
    /// `>`.
    More,
    /// `>=`.
    AtLeast,
}

/// A location path.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::import_ftr) struct Path {
    /// Whether it begins at the document.
    pub(in crate::import_ftr) absolute: bool,
    /// Its steps; `//` is a step to `descendant-or-self::node()`.
    pub(in crate::import_ftr) steps: Vec<Step>,
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::import_ftr) struct Step {
    /// Which way.
    pub(in crate::import_ftr) axis: Axis,
    /// What is looked for.
    pub(in crate::import_ftr) test: NodeTest,
    /// What it has to satisfy, in order.
    pub(in crate::import_ftr) predicates: Vec<Expr>,
}

impl Step {
    /// Whether this is what `//` stands for.
    pub(in crate::import_ftr) fn is_anywhere(&self) -> bool {
        self.axis == Axis::DescendantOrSelf && self.test == NodeTest::Node && self.predicates.is_empty()
    }
}

/// An axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::import_ftr) enum Axis {
    Ancestor,
    AncestorOrSelf,
    Attribute,
    Child,
    Descendant,
    DescendantOrSelf,
    Following,
    FollowingSibling,
    Namespace,
    Parent,
    Preceding,
    PrecedingSibling,
    Itself,
}

/// Every axis with its name.
pub(super) const AXES: &[(&str, Axis)] = &[
    ("ancestor", Axis::Ancestor),
    ("ancestor-or-self", Axis::AncestorOrSelf),
    ("attribute", Axis::Attribute),
    ("child", Axis::Child),
    ("descendant", Axis::Descendant),
    ("descendant-or-self", Axis::DescendantOrSelf),
    ("following", Axis::Following),
    ("following-sibling", Axis::FollowingSibling),
    ("namespace", Axis::Namespace),
    ("parent", Axis::Parent),
    ("preceding", Axis::Preceding),
    ("preceding-sibling", Axis::PrecedingSibling),
    ("self", Axis::Itself),
];

/// What a step looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::import_ftr) enum NodeTest {
    /// Elements, or attributes, of a name.
    Name(String),
    /// Elements, or attributes, of any name.
    AnyName,
    /// Pieces of text.
    Text,
    /// Nodes of any kind.
    Node,
    /// Comments and processing instructions.
    Other,
}
