namespace TransferKit.Cli.Tests;

public class TextWrapTests
{
    [Theory]
    [InlineData("a line that fits stays as  it is", 40, "a line that fits stays as  it is")]
    [InlineData("one two three four", 9, "one two|three|four")]
    [InlineData("  0.9000  tabby cat, a kind of cat", 30, "  0.9000  tabby cat, a kind of|          cat")]
    [InlineData("  cats/0123456789.jpg  has the pixels of another", 30, "  cats/0123456789.jpg  has the|    pixels of another")]
    [InlineData("cached          14.2 MB  /a/long/path/of/a/cache.h5", 30, "cached          14.2 MB|  /a/long/path/of/a/cache.h5")]
    [InlineData("  … and 12 more: --csv has all", 20, "  … and 12 more:|    --csv has all")]
    [InlineData("see /a/path/longer/than/the/line for more", 12, "see|/a/path/longer/than/the/line|for more")]
    [InlineData("猫と犬 猫と犬 猫と犬", 14, "猫と犬 猫と犬|猫と犬")]
    [InlineData("", 20, "")]
    public void Text_breaks_between_words_and_continues_under_its_last_column(string text, int width, string lines) =>
        Assert.Equal(lines.Split('|'), TextWrap.Lines(text, width));

    [Fact]
    public void A_text_is_beside_its_label_in_a_wide_terminal_and_below_it_in_a_narrow_one()
    {
        Assert.Equal(["good    fine"], TextWrap.Labelled("good", "fine", columns: 80, indent: 8));
        Assert.Equal(["good", "      fine"], TextWrap.Labelled("good", "fine", columns: 40, indent: 8));
        Assert.Equal(["a label", "        fine"], TextWrap.Labelled("a label", "fine", columns: 80, indent: 8));
        Assert.Equal(["--flag"], TextWrap.Labelled("--flag", "", columns: 40, indent: 8));
    }
}
