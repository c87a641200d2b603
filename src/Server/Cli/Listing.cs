using System.CommandLine;
using System.Text;
using System.Text.Json;
using FullStack.Server.Configuration;
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
        if (json)
            output.WriteLine(Json());
        else
            PrintText(output);
    }

    private void PrintText(TextWriter output)
    {
        string[][] cells = [.. _rows.Select(static row => row.Select(Cell).ToArray())];
        int[] widths = [.. columns.Select((_, i) => cells.Select(row => row[i].Length).DefaultIfEmpty(0).Max())];
        foreach (string[] row in cells)
        {
            StringBuilder line = new();
            for (int i = 0; i < row.Length; i++)
                line.Append(_rows.Count > 0 && _rows[0][i] is int or long or LimitCell or SizeCell ? row[i].PadLeft(widths[i]) : row[i].PadRight(widths[i])).Append("  ");
            output.WriteLine(line.ToString().TrimEnd());
        }
    }

    private static string Cell(object? value) => value switch
    {
        IEnumerable<string> list => string.Join(", ", list),
        LimitCell limit => limit.Text,
        SizeCell size => QuotaText.Rounded(size.Octets),
        IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value as string ?? "",
    };

    private string Json()
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter json = new(text, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartArray();
            foreach (object?[] row in _rows)
            {
                json.WriteStartObject();
                for (int i = 0; i < columns.Length; i++)
                {
                    json.WritePropertyName(columns[i]);
                    WriteValue(json, row[i]);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(text.ToArray());
    }

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null or LimitCell { Limit: null }: json.WriteNullValue(); break;
            case LimitCell { Limit: QuotaLimits.Unlimited }: json.WriteStringValue(ValueForms.Unlimited); break;
            case LimitCell { Limit: { } limit }: json.WriteNumberValue(limit); break;
            case SizeCell size: json.WriteNumberValue(size.Octets); break;
            case int number: json.WriteNumberValue(number); break;
            case uint number: json.WriteNumberValue(number); break;
            case long number: json.WriteNumberValue(number); break;
            case IEnumerable<string> list:
                json.WriteStartArray();
                foreach (string item in list)
                    json.WriteStringValue(item);
                json.WriteEndArray();
                break;
            default: json.WriteStringValue((string)value); break;
        }
    }
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
