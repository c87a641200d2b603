using System.Globalization;
using System.Text;
using System.Text.Json;
using FullStack.Server.Configuration;
using FullStack.Store.Quota;

namespace FullStack.Server.Cli;

/// <summary>Prints the rows of a listing page by page, aligned for people or as one JSON array.</summary>
internal sealed class ListingPrinter : IDisposable
{
    private readonly IReadOnlyList<string> _columns;
    private readonly TextWriter _output;
    private readonly int[] _widths;
    private readonly MemoryStream _page = new();
    private readonly Utf8JsonWriter? _json;

    public ListingPrinter(IReadOnlyList<string> columns, TextWriter output, bool json)
    {
        (_columns, _output) = (columns, output);
        _widths = new int[columns.Count];
        if (!json)
            return;
        _json = new(_page, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        _json.WriteStartArray();
    }

    /// <summary>Prints a page of rows, which are aligned with each other and no narrower than those before.</summary>
    public void Print(IReadOnlyList<object?[]> rows)
    {
        if (_json is null)
            PrintText(rows);
        else
            PrintJson(_json, rows);
    }

    /// <summary>Prints the end.</summary>
    public void Complete()
    {
        if (_json is null)
            return;
        _json.WriteEndArray();
        FlushJson(_json);
        _output.WriteLine();
    }

    public void Dispose()
    {
        _json?.Dispose();
        _page.Dispose();
    }

    private void PrintText(IReadOnlyList<object?[]> rows)
    {
        string[][] cells = [.. rows.Select(static row => row.Select(Cell).ToArray())];
        for (int i = 0; i < _widths.Length; i++)
            _widths[i] = cells.Select(row => row[i].Length).Append(_widths[i]).Max();
        StringBuilder page = new();
        foreach (string[] row in cells)
        {
            StringBuilder line = new();
            for (int i = 0; i < row.Length; i++)
                line.Append(rows[0][i] is int or long or LimitCell or SizeCell ? row[i].PadLeft(_widths[i]) : row[i].PadRight(_widths[i])).Append("  ");
            page.Append(line.ToString().TrimEnd()).Append(_output.NewLine);
        }

        _output.Write(page);
    }

    private void PrintJson(Utf8JsonWriter json, IReadOnlyList<object?[]> rows)
    {
        foreach (object?[] row in rows)
        {
            json.WriteStartObject();
            for (int i = 0; i < _columns.Count; i++)
            {
                json.WritePropertyName(_columns[i]);
                WriteValue(json, row[i]);
            }

            json.WriteEndObject();
        }

        FlushJson(json);
    }

    private void FlushJson(Utf8JsonWriter json)
    {
        json.Flush();
        _output.Write(Encoding.UTF8.GetString(_page.GetBuffer(), 0, (int)_page.Length));
        _page.SetLength(0);
    }

    private static string Cell(object? value) => value switch
    {
        IEnumerable<string> list => string.Join(", ", list),
        LimitCell limit => limit.Text,
        SizeCell size => QuotaText.Rounded(size.Octets),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value as string ?? "",
    };

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
