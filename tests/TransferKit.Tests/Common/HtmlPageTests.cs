using TransferKit.Common;

namespace TransferKit.Tests.Common;

public class HtmlPageTests
{
    [Fact]
    public void A_page_fits_a_phone_and_a_name_is_no_markup()
    {
        var page = HtmlPage.End(HtmlPage.Begin("<b>\u001b & cats.h5", "dl { margin: 0; }").Append("<p>text</p>\n"));

        Assert.Contains("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", page);
        Assert.Contains("<title>&lt;b&gt;\\u001B &amp; cats.h5</title>", page);
        Assert.Contains("<h1>&lt;b&gt;\\u001B &amp; cats.h5</h1>", page);
        Assert.Contains("dl { margin: 0; }", page);
        Assert.EndsWith("<p>text</p>\n</body>\n</html>\n", page);
    }
}
