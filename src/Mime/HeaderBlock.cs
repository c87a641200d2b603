using System.Text;

namespace FullStack.Mime;

/// <summary>The fields of one header, by offsets into its octets; line ends CRLF or LF. Never throws on any input.</summary>
public sealed class HeaderBlock
{
    private readonly List<HeaderField> _fields;

    private HeaderBlock(List<HeaderField> fields) => _fields = fields;

    /// <summary>The fields in order. Lines that are no field are entries with an empty name.</summary>
    public IReadOnlyList<HeaderField> Fields => _fields;

    /// <summary>Splits a header (with or without its blank line, at which it stops) into fields.</summary>
    public static HeaderBlock Parse(ReadOnlyMemory<byte> octets)
    {
        ReadOnlySpan<byte> span = octets.Span;
        List<HeaderField> fields = [];
        HeaderLines lines = new(span);
        while (lines.MoveNext())
            fields.Add(new HeaderField(Encoding.Latin1.GetString(span[lines.Name]), octets[lines.Raw], octets[lines.Value]));
        return new HeaderBlock(fields);
    }

    /// <summary>The first field of that name, ASCII case ignored; null where absent.</summary>
    public HeaderField? Find(string name)
    {
        foreach (HeaderField field in _fields)
        {
            if (name.Length > 0 && field.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return field;
        }

        return null;
    }

    /// <summary>All fields of that name in order, ASCII case ignored.</summary>
    public IEnumerable<HeaderField> FindAll(string name)
        => _fields.Where(field => name.Length > 0 && field.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
