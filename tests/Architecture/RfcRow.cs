using System.Globalization;
using FullStack.Harness;

namespace FullStack.Architecture;

/// <summary>One line of docs/rfc.tsv.</summary>
internal sealed record RfcRow(int Number, string Title, string Status)
{
    public static IReadOnlyDictionary<int, RfcRow> ReadAll()
        => File.ReadAllLines(SourceTree.PathOf("docs", "rfc.tsv")).Skip(1)
            .Select(static line => line.Split('\t'))
            .Select(static cells => new RfcRow(int.Parse(cells[0], CultureInfo.InvariantCulture), cells[1], cells[2]))
            .ToDictionary(static row => row.Number);
}
