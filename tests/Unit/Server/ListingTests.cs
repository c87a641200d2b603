using System.Globalization;
using System.Text.Json;
using FullStack.Server.Cli;

namespace FullStack.Unit.Server;

/// <summary>What commands list.</summary>
public sealed class ListingTests
{
    private const int Rows = 1600;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Many_rows_are_printed_as_they_come(bool json)
    {
        using StringWriter output = new(CultureInfo.InvariantCulture);
        int most = 0;
        IEnumerable<object?[]> Made()
        {
            for (int i = 0; i < Rows; i++)
            {
                string printed = output.ToString();
                most = Math.Max(most, i - printed.Count(static c => c == '@'));
                yield return [$"u{i}@example.test", i, new[] { "a", "b" }];
            }
        }

        Listing.Print(["address", "number", "list"], Made(), output, json);
        Assert.InRange(most, 1, 1000);
        if (json)
        {
            using JsonDocument parsed = JsonDocument.Parse(output.ToString());
            Assert.Equal(Enumerable.Range(0, Rows), parsed.RootElement.EnumerateArray().Select(static row => row.GetProperty("number").GetInt32()));
        }
        else
        {
            string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(Rows, lines.Length);
            Assert.Equal("u1599@example.test  1599  a, b", lines[^1]);
        }
    }

    [Theory]
    [InlineData(true, "[]\n")]
    [InlineData(false, "")]
    public void Nothing_is_listed_as_nothing(bool json, string expected)
    {
        using StringWriter output = new(CultureInfo.InvariantCulture) { NewLine = "\n" };
        new Listing("id").Print(output, json);
        Assert.Equal(expected, output.ToString());
    }
}
