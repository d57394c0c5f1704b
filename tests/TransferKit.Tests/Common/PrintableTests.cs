using TransferKit.Common;

namespace TransferKit.Tests.Common;

public class PrintableTests
{
    [Theory]
    [InlineData("a\u001b[31mred.jpg", "a\\u001B[31mred.jpg")]
    [InlineData("a\nINFO all is well.jpg", "a\\u000AINFO all is well.jpg")]
    [InlineData("a\u009b2J.jpg", "a\\u009B2J.jpg")]
    [InlineData("gpj\u202egnp.exe", "gpj\\u202Egnp.exe")]
    public void Characters_that_a_terminal_acts_on_are_escaped(string name, string escaped) => Assert.Equal(escaped, Printable.Of(name));

    [Theory]
    [InlineData("photo.jpg")]
    [InlineData("Füße 写真 \U0001F600 e\u0301.jpg")]
    public void Other_text_stays_as_it_is(string name) => Assert.Same(name, Printable.Of(name));

    [Fact]
    public void Half_of_a_pair_is_escaped() => Assert.Equal("half\\uD83D.jpg", Printable.Of("half" + '\uD83D' + ".jpg"));

    [Fact]
    public void The_messages_of_exceptions_are_escaped_and_their_properties_are_not()
    {
        var error = new ImageDecodeException(ImageDecodeError.NotAnImage, "a\u001b[31m.jpg", "it is no picture.");

        Assert.Equal("a\\u001B[31m.jpg: it is no picture.", error.Message);
        Assert.Equal("a\u001b[31m.jpg", error.ImageName);
    }
}
