using System.CommandLine;
using FullStack.Store.Quota;

namespace FullStack.Server.Cli;

/// <summary>What a command lists: columns and rows, printed for people or as JSON for programs.</summary>
internal sealed class Listing(params string[] columns)
{
    private readonly List<object?[]> _rows = [];

    /// <summary>The option of every command that lists things.</summary>
    public static Option<bool> JsonOption() => new("--json") { Description = "Print a JSON array." };

    /// <summary>Rows so far.</summary>
    public int Count => _rows.Count;

    /// <summary>Adds a row: strings, numbers, limits, lists of strings, or null.</summary>
    public void Add(params object?[] row) => _rows.Add(row);

    public void Print(TextWriter output, bool json)
    {
        using ListingPrinter printer = new(columns, output, json);
        printer.Print(_rows);
        printer.Complete();
    }

    /// <summary>Prints any number of rows as they come, in bounded memory. A column is as wide as it had to be until then.</summary>
    public static void Print(IReadOnlyList<string> columns, IEnumerable<object?[]> rows, TextWriter output, bool json)
    {
        using ListingPrinter printer = new(columns, output, json);
        foreach (object?[][] page in rows.Chunk(RowsOfPage))
            printer.Print(page);
        printer.Complete();
    }

    private const int RowsOfPage = 500;
}

/// <summary>A limit in a listing: for programs a number, "unlimited", or null where none is set.</summary>
/// <param name="Limit">The limit; null: none is set.</param>
/// <param name="IsSize">Whether it counts octets.</param>
internal readonly record struct LimitCell(long? Limit, bool IsSize)
{
    public string Text => IsSize ? QuotaText.Size(Limit) : QuotaText.Count(Limit);
}

/// <summary>A size in a listing: rounded for people, exact for programs.</summary>
internal readonly record struct SizeCell(long Octets);
