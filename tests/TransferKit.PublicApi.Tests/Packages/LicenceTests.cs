using System.Xml.Linq;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests.Packages;

public class LicenceTests
{
    private static readonly string Root = Path.GetFullPath(Goldens.Path("..", ".."));

    [Fact]
    public void The_notice_names_every_package_that_the_packages_depend_on()
    {
        var notice = File.ReadAllText(Path.Combine(Root, "NOTICE"));
        var referenced = Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .SelectMany(project => XDocument.Load(project).Descendants("PackageReference"))
            .Where(reference => (string?)reference.Attribute("PrivateAssets") != "all")
            .Select(reference => (string)reference.Attribute("Include")!).Distinct();

        Assert.All(referenced, package => Assert.Contains(package, notice));
    }
}
