//! Every bound the core obeys, each with a name and a unit.
//!
//! A page that breaks a limit is a bad page: it is refused with a reason that names the limit and never takes the
//! program with it.

/// Bounds on one page, set by the configuration and handed to the core.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Largest page as it lies in the inbox, in bytes.
    pub page_bytes_max: u64,
    /// Largest page after decompression, in bytes.
    pub inflated_bytes_max: u64,
    /// Largest ratio of decompressed to compressed size.
    pub inflate_ratio_max: u64,
    /// Deepest nesting of elements in a page. The HTML tree builder's work grows with the square of it.
    pub tree_depth_max: usize,
    /// Most nodes in a page's tree.
    pub tree_nodes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            page_bytes_max: 16 * 1024 * 1024,
            inflated_bytes_max: 64 * 1024 * 1024,
            inflate_ratio_max: 200,
            tree_depth_max: 512,
            tree_nodes_max: 2_000_000,
        }
    }
}

/// Bytes of a page in which a charset declaration is looked for. The HTML standard asks for 1,024; real pages put
/// long scripts before theirs.
pub const CHARSET_DECLARATION_BYTES: usize = 8 * 1024;

/// Bytes that the statistical charset detection reads. On a whole page it costs more than parsing it.
pub const CHARSET_DETECTION_BYTES: usize = 64 * 1024;

/// Bytes in which the kind of a page (HTML or text) is judged.
pub const SNIFF_BYTES: usize = 64 * 1024;

/// Bytes fed to the HTML parser between two checks of the tree's limits.
pub const PARSE_CHUNK_BYTES: usize = 4 * 1024;

/// Longest line, in bytes, that patterns of rules are tried on. Searching can cost the square of the length.
pub const PATTERN_LINE_BYTES_MAX: usize = 64 * 1024;

/// Most nodes that the steps of one rule may look at in one page. What lies before or behind each of many elements
/// grows with the square of their number.
pub const STEP_NODES_MAX: usize = 1_000_000;

/// Largest compiled pattern, in bytes of automaton.
pub const PATTERN_SIZE_MAX: usize = 1024 * 1024;

/// Characters of text that the language detection reads.
pub const LANGUAGE_DETECTION_CHARS: usize = 4_000;

/// Largest JSON-LD script that is read, in bytes.
pub const JSON_LD_BYTES_MAX: usize = 1024 * 1024;

/// Deepest nesting of JSON-LD that is followed.
pub const JSON_LD_DEPTH_MAX: usize = 12;

/// Longest value of a metadata field, in characters; longer ones are junk and count as absent.
pub const METADATA_CHARS_MAX: usize = 1_000;
