//! Which tables hold data and which ones merely lay out a page.

use ego_tree::NodeId;
use html5ever::local_name;
use rustc_hash::FxHashSet;
use scraper::{ElementRef, Node};

use crate::limits::Stop;
use crate::page::Dom;
use crate::page::elements::attribute;

/// Elements that no cell of a data table holds.
const LAYOUT_SIGNS: &[&str] = &[
    "table", "h1", "h2", "h3", "h4", "form", "nav", "article", "section", "aside", "iframe", "pre",
];

/// Longest text of a cell, in bytes; longer ones are columns of a page.
const CELL_BYTES_MAX: usize = 1_500;

/// The rows and cells of a page's data tables.
#[derive(Debug, Default)]
pub(super) struct DataTables {
    rows: FxHashSet<NodeId>,
    later_cells: FxHashSet<NodeId>,
}

impl DataTables {
    /// Finds the data tables of a page: those of at least two rows and two columns whose cells hold no structure of
    /// a page.
    pub(super) fn find(dom: &Dom, stop: &Stop<'_>) -> Self {
        let mut found = Self::default();
        for node in dom.html().tree.nodes().take_while(|_| stop.goes_on()) {
            if let Some(table) =
                ElementRef::wrap(node).filter(|element| element.value().name.local == local_name!("table"))
            {
                found.add(table);
            }
        }
        found
    }

    /// Whether a node is a row of a data table.
    pub(super) fn has_row(&self, node: NodeId) -> bool {
        self.rows.contains(&node)
    }

    /// Whether a node is a cell of a data table, and not the first one of its row.
    pub(super) fn is_later_cell(&self, node: NodeId) -> bool {
        self.later_cells.contains(&node)
    }

    fn add(&mut self, table: ElementRef<'_>) {
        if matches!(attribute(table.value(), "role"), Some("presentation" | "none")) || holds_layout(table) {
            return;
        }
        let rows: Vec<ElementRef<'_>> = table
            .descendent_elements()
            .filter(|element| element.value().name() == "tr")
            .collect();
        let columns = rows.iter().map(|row| cells(*row).count()).max().unwrap_or(0);
        let long_cell = rows
            .iter()
            .flat_map(|row| cells(*row))
            .any(|cell| text_bytes(cell) > CELL_BYTES_MAX);
        if rows.len() < 2 || columns < 2 || long_cell {
            return;
        }
        for row in rows {
            self.rows.insert(row.id());
            self.later_cells.extend(cells(row).skip(1).map(|cell| cell.id()));
        }
    }
}

fn holds_layout(table: ElementRef<'_>) -> bool {
    table
        .descendent_elements()
        .skip(1)
        .any(|element| LAYOUT_SIGNS.contains(&element.value().name()))
}

fn cells(row: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    row.child_elements()
        .filter(|cell| matches!(cell.value().name(), "td" | "th"))
}

fn text_bytes(cell: ElementRef<'_>) -> usize {
    let texts = cell.descendants().filter_map(|node| match node.value() {
        Node::Text(text) => Some(text.trim().len()),
        _ => None,
    });
    texts.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn rows(html: &str) -> usize {
        DataTables::find(&Dom::parse(html, &Limits::default()).unwrap(), &Stop::never())
            .rows
            .len()
    }

    #[test]
    fn tables_of_one_column_or_with_structure_lay_out_a_page() {
        assert_eq!(rows("<table><tr><td>a<tr><td>b</table>"), 0);
        assert_eq!(rows("<table><tr><td><h1>a</h1><td>b<tr><td>c<td>d</table>"), 0);
        assert_eq!(rows("<table role=presentation><tr><td>a<td>b<tr><td>c<td>d</table>"), 0);
        assert_eq!(rows("<table><tr><td>a<td>b<tr><td>c<td>d</table>"), 2);
    }
}
