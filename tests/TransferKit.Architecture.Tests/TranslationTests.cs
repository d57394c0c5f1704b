using TransferKit.Tests;
namespace TransferKit.Architecture.Tests;

public class TranslationTests
{
    [Fact]
    public void Every_network_is_translated_to_the_nodes_that_are_recorded() =>
        Assert.Equal(File.ReadAllLines(Goldens.Path("onnx-nodes.txt")), Translations.All());
}
