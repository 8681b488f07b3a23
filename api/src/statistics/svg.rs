//! Pictures as SVG, light and dark. The letters are measured by the forms' font, and asked for by names that a reader's
//! machine has: Chinese is readable without a font in the picture.
use std::sync::LazyLock;

use charts_rs::{
    Align, BarChart, Box as Margin, Color, HorizontalBarChart, LegendCategory, Series, SeriesCategory, THEME_DARK,
    THEME_LIGHT, Theme as Colours, YAxisConfig, add_fonts, add_theme, get_theme, svg_with_accessibility,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::failed;
use super::picture::{Picture, Shape};
use crate::problem::Failure;

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Theme {
    /// For paper, and for light pages.
    #[default]
    Light,
    /// For dark pages.
    Dark,
}

/// The font by which letters are measured.
const MEASURED: &str = "Kiteline Han";
/// The fonts by which they are drawn: the first that there is.
const DRAWN: &str =
    "'Noto Sans CJK SC','Noto Sans SC','PingFang SC','Microsoft YaHei','WenQuanYi Micro Hei',sans-serif";
/// Told apart by who sees few colours, on light and on dark.
const COLOURS: [&str; 7] = [
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999",
];
/// Of the picture, in pixels.
const WIDTH: f32 = 960.0;
/// Of a bar with its gap.
const BAR: f32 = 30.0;
/// Of everything that is no bar.
const FRAME: f32 = 190.0;
/// Of a picture of months.
const HEIGHT: f32 = 480.0;
/// Around everything.
const MARGIN: f32 = 16.0;

/// Makes the font and the themes known, once.
static THEMES: LazyLock<Result<(), String>> = LazyLock::new(|| {
    add_fonts(&[include_bytes!("../../data/fonts/han.ttf")]).map_err(|error| error.to_string())?;
    for (ours, theirs) in [("kiteline-light", THEME_LIGHT), ("kiteline-dark", THEME_DARK)] {
        let mut theme = Colours::clone(&get_theme(theirs));
        MEASURED.clone_into(&mut theme.font_family);
        theme.series.colors = COLOURS.iter().map(|colour| Color::from(*colour)).collect();
        if !theme.is_light {
            theme.background_color = Color::from("#1b1f27");
        }
        add_theme(ours, theme);
    }
    Ok(())
});

impl Theme {
    const fn name(self) -> &'static str {
        match self {
            Self::Light => "kiteline-light",
            Self::Dark => "kiteline-dark",
        }
    }
}

impl Picture {
    /// Draws it.
    pub(crate) fn svg(&self, theme: Theme) -> Result<String, Failure> {
        THEMES.as_ref().map_err(failed)?;
        let drawn = match self.shape {
            Shape::Bars | Shape::Percent => self.bars(theme).svg(),
            Shape::Months => self.months(theme).svg(),
        };
        let drawn = drawn.map_err(failed)?;
        let (measured, fonts) = (
            format!("font-family=\"{MEASURED}\""),
            format!("font-family=\"{DRAWN}\""),
        );
        let drawn = drawn.replace(&measured, &fonts);
        Ok(svg_with_accessibility(&drawn, &self.title, &self.words()))
    }

    fn bars(&self, theme: Theme) -> HorizontalBarChart {
        // The first stands at the top: bars are drawn from the bottom.
        let categories = self.categories.iter().rev().cloned().collect();
        let series = self.series.iter().map(|(name, values)| Series {
            label_show: self.shape == Shape::Percent || self.series.len() == 1,
            stack: (self.shape == Shape::Bars && self.stacks()).then(|| "all".to_owned()),
            ..Series::new_nullable(
                name.clone(),
                values.iter().rev().map(|value| value.map(narrow)).collect(),
            )
        });
        let mut chart = HorizontalBarChart::new_with_theme(series.collect(), categories, theme.name());
        let bars = u16::try_from(self.categories.len()).map_or(1.0, f32::from);
        chart.height = BAR.mul_add(bars.max(3.0), FRAME);
        if let Some(axis) = chart.y_axis_configs.first_mut() {
            self.scale(axis, self.longest(self.series.iter(), self.stacks()));
        }
        chart.x_axis.title.clone_from(&self.unit);
        self.frame(&mut chart.base);
        chart
    }

    /// An axis from nought to a round number: people are counted whole.
    fn scale(&self, axis: &mut YAxisConfig, longest: f64) {
        let (step, steps) = if self.shape == Shape::Percent {
            (20.0, 5)
        } else {
            steps(longest)
        };
        axis.min = Some(0.0);
        axis.max = Some(narrow(step) * f32::from(steps));
        axis.split_number = usize::from(steps);
        axis.formatter = Some("{t}".to_owned());
    }

    /// The longest bar, or the highest point, of some series.
    #[expect(clippy::needless_pass_by_value, reason = "walked twice")]
    fn longest<'a>(&self, series: impl Iterator<Item = &'a (String, Vec<Option<f64>>)> + Clone, stacked: bool) -> f64 {
        let at = |category: usize| {
            let values = series
                .clone()
                .filter_map(move |(_, values)| values.get(category).copied().flatten());
            if stacked {
                values.sum()
            } else {
                values.fold(0.0, f64::max)
            }
        };
        (0..self.categories.len()).map(at).fold(0.0, f64::max)
    }

    fn months(&self, theme: Theme) -> BarChart {
        let series = self.series.iter().enumerate().map(|(at, (name, values))| Series {
            category: (at == 0).then_some(SeriesCategory::Line),
            y_axis_index: usize::from(at == 0),
            ..Series::new_nullable(name.clone(), values.iter().map(|value| value.map(narrow)).collect())
        });
        let mut chart = BarChart::new_with_theme(series.collect(), self.categories.clone(), theme.name());
        chart.height = HEIGHT;
        if let Some(left) = chart.y_axis_configs.first().cloned() {
            let (mut left, mut right) = (left.clone(), left);
            self.scale(&mut left, self.longest(self.series.iter().skip(1), false));
            self.scale(&mut right, self.longest(self.series.iter().take(1), false));
            left.title = Some(self.unit.clone());
            right.title = Some(self.language.pick("人", "people").to_owned());
            chart.y_axis_configs = vec![left, right];
        }
        self.frame(&mut chart.base);
        chart
    }

    /// The title, what is to be known besides, and the legend.
    fn frame(&self, chart: &mut charts_rs::ChartBase) {
        chart.width = WIDTH;
        chart.margin = Margin {
            left: MARGIN,
            top: MARGIN,
            right: MARGIN * 3.0,
            bottom: MARGIN,
        };
        chart.title.text.clone_from(&self.title);
        chart.title.align = Align::Left;
        chart.sub_title.text = self.notes.join("\n");
        chart.sub_title.align = Align::Left;
        chart.legend.align = Align::Left;
        chart.legend.category = LegendCategory::RoundRect;
        chart.legend.show = Some(self.series.len() > 1);
        let label = if self.shape == Shape::Percent { "{c}%" } else { "{t}" };
        label.clone_into(&mut chart.series.label.formatter);
        let empty = self.language.pick("本期没有数据", "Nothing in this period");
        chart.empty_text = Some(empty.to_owned());
    }
}

/// A round step, and how many of them reach so far: seven at most.
fn steps(longest: f64) -> (f64, u8) {
    let round = |power: i32| [1.0, 2.0, 5.0].map(|digit| digit * 10_f64.powi(power));
    let fits = |step: &f64| longest <= step * 7.0;
    let step = (0..12).flat_map(round).find(fits).unwrap_or(longest);
    let steps = (1..=7_u8).find(|steps| longest <= step * f64::from(*steps));
    (step, steps.unwrap_or(7))
}

/// As the library of charts wants it; what is drawn needs no more digits.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "there is no other way"
)]
const fn narrow(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_whole_and_round_steps() {
        for (longest, expected) in [
            (0.0, (1.0, 1)),
            (4.0, (1.0, 4)),
            (8.0, (2.0, 4)),
            (36.0, (10.0, 4)),
            (280_000.0, (50_000.0, 6)),
        ] {
            assert_eq!(steps(longest), expected);
        }
    }
}
