//! Letters: fonts, widths, and the pages that they are put on.

use std::sync::LazyLock;

use krilla::Document;
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

use crate::platform::error::{Error, Result};

/// A4, in points.
pub(super) const WIDTH: f32 = 595.0;
pub(super) const HEIGHT: f32 = 842.0;
pub(super) const MARGIN: f32 = 42.0;
/// Where the text ends, above the foot of the page.
const BOTTOM: f32 = HEIGHT - 56.0;

static REGULAR: &[u8] = include_bytes!("../fonts/NotoSans-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../fonts/NotoSans-Bold.ttf");

/// A font, ready to be measured and embedded.
struct Face {
    font: Font,
    map: FontRef<'static>,
}

impl Face {
    fn open(bytes: &'static [u8]) -> Option<Self> {
        Some(Self { font: Font::new(bytes.into(), 0)?, map: FontRef::new(bytes).ok()? })
    }

    /// The glyphs of a text; letters that the font does not have are question marks.
    fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let (map, metrics) =
            (self.map.charmap(), self.map.glyph_metrics(Size::new(1.0), LocationRef::default()));
        text.char_indices()
            .filter_map(|(at, character)| {
                let glyph = map.map(character).or_else(|| map.map('?'))?;
                let advance = metrics.advance_width(glyph).unwrap_or(0.0);
                let range = at..at + character.len_utf8();
                let id = GlyphId::new(glyph.to_u32());
                Some(KrillaGlyph::new(id, advance, 0.0, 0.0, 0.0, range, None))
            })
            .collect()
    }

    fn width(&self, text: &str, size: f32) -> f32 {
        let (map, metrics) =
            (self.map.charmap(), self.map.glyph_metrics(Size::new(size), LocationRef::default()));
        text.chars()
            .filter_map(|character| map.map(character).or_else(|| map.map('?')))
            .map(|glyph| metrics.advance_width(glyph).unwrap_or(0.0))
            .sum()
    }
}

static FACES: LazyLock<Option<(Face, Face)>> =
    LazyLock::new(|| Some((Face::open(REGULAR)?, Face::open(BOLD)?)));

fn face(bold: bool) -> Result<&'static Face> {
    let faces = FACES.as_ref().ok_or_else(|| Error::broken("an embedded font does not open"))?;
    Ok(if bold { &faces.1 } else { &faces.0 })
}

/// How a text looks.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) size: f32,
    pub(super) bold: bool,
    pub(super) colour: Colour,
}

/// The few colours of a document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Colour {
    Ink,
    Grey,
    Line,
    Shade,
    Link,
    Alarm,
}

impl Colour {
    fn rgb(self) -> rgb::Color {
        match self {
            Colour::Ink => rgb::Color::new(24, 28, 33),
            Colour::Grey => rgb::Color::new(98, 106, 115),
            Colour::Line => rgb::Color::new(206, 212, 218),
            Colour::Shade => rgb::Color::new(244, 246, 248),
            Colour::Link => rgb::Color::new(20, 85, 170),
            Colour::Alarm => rgb::Color::new(190, 30, 45),
        }
    }
}

pub(super) const PLAIN: Style = Style { size: 8.5, bold: false, colour: Colour::Ink };
pub(super) const STRONG: Style = Style { bold: true, ..PLAIN };
pub(super) const SMALL: Style = Style { size: 7.0, bold: false, colour: Colour::Grey };
pub(super) const HEADING: Style = Style { size: 11.0, bold: true, colour: Colour::Ink };

/// One thing on a page.
enum Mark {
    Text { x: f32, y: f32, style: Style, text: String },
    Box { x: f32, y: f32, width: f32, height: f32, colour: Colour },
    Link { x: f32, y: f32, width: f32, height: f32, url: String },
}

/// A column of a table.
#[derive(Clone, Copy)]
pub(super) struct Column {
    pub(super) x: f32,
    pub(super) width: f32,
    pub(super) right: bool,
}

/// A cell of a table.
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) url: Option<String>,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, url: None }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), url: None }
    }
}

/// Pages that grow downwards.
pub(super) struct Sheet {
    pages: Vec<Vec<Mark>>,
    pub(super) y: f32,
}

impl Sheet {
    /// One empty page.
    pub(super) fn new() -> Self {
        Self { pages: vec![Vec::new()], y: MARGIN }
    }

    fn put(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// Makes sure that so much fits; begins a page if not, and says so.
    pub(super) fn need(&mut self, height: f32) -> bool {
        if self.y + height <= BOTTOM {
            return false;
        }
        self.pages.push(Vec::new());
        self.y = MARGIN;
        true
    }

    /// A text with its baseline a line below the present place; the place stays.
    pub(super) fn text(&mut self, x: f32, style: Style, text: &str) {
        let y = self.y + style.size;
        self.put(Mark::Text { x, y, style, text: text.to_owned() });
    }

    /// The same, ending at `x`.
    pub(super) fn text_right(&mut self, x: f32, style: Style, text: &str) -> Result<()> {
        let width = face(style.bold)?.width(text, style.size);
        self.text(x - width, style, text);
        Ok(())
    }

    /// A text in as many lines as it needs; the place moves below.
    pub(super) fn paragraph(
        &mut self,
        (x, width): (f32, f32),
        style: Style,
        text: &str,
    ) -> Result<()> {
        let face = face(style.bold)?;
        let mut line = String::new();
        for word in text.split_whitespace() {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if !line.is_empty() && face.width(&longer, style.size) > width {
                self.need(style.size * 1.45);
                self.text(x, style, &line);
                self.y += style.size * 1.45;
                line = word.to_owned();
            } else {
                line = longer;
            }
        }
        self.need(style.size * 1.45);
        self.text(x, style, &line);
        self.y += style.size * 1.45;
        Ok(())
    }

    /// A line over the whole width.
    pub(super) fn rule(&mut self) {
        let (y, width) = (self.y, WIDTH - 2.0 * MARGIN);
        self.put(Mark::Box { x: MARGIN, y, width, height: 0.6, colour: Colour::Line });
    }

    /// A row of a table; what is too long is cut. The place moves below.
    pub(super) fn row(
        &mut self,
        columns: &[Column],
        cells: &[Cell],
        style: Style,
        shaded: bool,
    ) -> Result<()> {
        let height = style.size * 1.75;
        if shaded {
            let (y, width) = (self.y, WIDTH - 2.0 * MARGIN);
            self.put(Mark::Box { x: MARGIN, y, width, height, colour: Colour::Shade });
        }
        let face = face(style.bold)?;
        let top = self.y;
        self.y += style.size * 0.28;
        for (column, cell) in columns.iter().zip(cells) {
            let text = cut(face, &cell.text, style.size, column.width - 4.0);
            let linked = cell.url.is_some();
            let style = if linked { Style { colour: Colour::Link, ..style } } else { style };
            if column.right {
                self.text_right(column.x + column.width - 2.0, style, &text)?;
            } else {
                self.text(column.x + 2.0, style, &text);
            }
            if let Some(url) = &cell.url {
                let (x, width, url) = (column.x, column.width, url.clone());
                self.put(Mark::Link { x, y: top, width, height, url });
            }
        }
        self.y = top + height;
        Ok(())
    }

    /// Puts a foot under every page and prints the file. The same marks give the same bytes.
    ///
    /// # Errors
    /// When the file cannot be printed.
    pub(super) fn print(
        self,
        metadata: Metadata,
        foot: impl Fn(usize, usize) -> (String, String),
    ) -> Result<Vec<u8>> {
        let mut file = Document::new();
        file.set_metadata(metadata);
        let count = self.pages.len();
        for (n, marks) in (1usize..).zip(self.pages) {
            let size = PageSettings::from_wh(WIDTH, HEIGHT);
            let size = size.ok_or_else(|| Error::broken("a page without a size"))?;
            let mut page = file.start_page_with(size);
            for mark in &marks {
                if let Mark::Link { x, y, width, height, url } = mark
                    && let Some(rect) = Rect::from_xywh(*x, *y, *width, *height)
                {
                    let action = Action::Link(LinkAction::new(url.clone()));
                    let link = LinkAnnotation::new(rect, Target::Action(action));
                    page.add_annotation(Annotation::new_link(link, None));
                }
            }
            let mut surface = page.surface();
            for mark in &marks {
                draw(&mut surface, mark)?;
            }
            let (left, right) = foot(n, count);
            let y = HEIGHT - 30.0;
            let width = face(false)?.width(&right, SMALL.size);
            draw(&mut surface, &Mark::Text { x: MARGIN, y, style: SMALL, text: left })?;
            let x = WIDTH - MARGIN - width;
            draw(&mut surface, &Mark::Text { x, y, style: SMALL, text: right })?;
            surface.finish();
            page.finish();
        }
        file.finish().map_err(|cause| Error::broken(format!("printing a document: {cause:?}")))
    }
}

fn draw(surface: &mut Surface<'_>, mark: &Mark) -> Result<()> {
    let fill = |colour: Colour| Fill {
        paint: colour.rgb().into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::NonZero,
    };
    match mark {
        Mark::Text { x, y, style, text } => {
            let face = face(style.bold)?;
            surface.set_fill(Some(fill(style.colour)));
            let glyphs = face.glyphs(text);
            let at = Point::from_xy(*x, *y);
            surface.draw_glyphs(at, &glyphs, face.font.clone(), text, style.size, false);
        }
        Mark::Box { x, y, width, height, colour } => {
            if let Some(rect) = Rect::from_xywh(*x, *y, *width, *height) {
                let mut path = PathBuilder::new();
                path.push_rect(rect);
                if let Some(path) = path.finish() {
                    surface.set_fill(Some(fill(*colour)));
                    surface.draw_path(&path);
                }
            }
        }
        Mark::Link { .. } => {}
    }
    Ok(())
}

/// The text, or as much of it as fits with an ellipsis.
fn cut(face: &Face, text: &str, size: f32, width: f32) -> String {
    if face.width(text, size) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let room = width - face.width("…", size);
    let mut used = 0.0;
    for character in text.chars() {
        used += face.width(character.encode_utf8(&mut [0; 4]), size);
        if used > room {
            break;
        }
        out.push(character);
    }
    out.push('…');
    out
}
