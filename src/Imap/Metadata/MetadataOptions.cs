using System.Text;
using FullStack.Imap.Grammar;

namespace FullStack.Imap.Metadata;

/// <summary>The options of GETMETADATA.</summary>
/// <remarks>RFC 5464 §4.2.1 and §4.2.2.</remarks>
/// <param name="MaxSize">Longest value wanted, in octets; null: any.</param>
/// <param name="Depth">How many levels below an entry are wanted too: 0, 1 or <see cref="int.MaxValue"/>.</param>
internal readonly record struct MetadataOptions(uint? MaxSize, int Depth)
{
    /// <summary>
    /// "(" getmetadata-option *(SP getmetadata-option) ")"; "MAXSIZE" SP number / "DEPTH" SP ("0" / "1" / "infinity"), each at
    /// most once
    /// </summary>
    public static bool TryRead(ref ImapReader reader, out MetadataOptions options)
    {
        options = default;
        bool hasDepth = false;
        if (!reader.TryReadOctet((byte)'('))
            return false;
        do
        {
            if (options.MaxSize is null && reader.TryReadWord("MAXSIZE "u8))
            {
                if (!reader.TryReadNumber(out uint size))
                    return false;
                options = options with { MaxSize = size };
            }
            else if (!hasDepth && reader.TryReadWord("DEPTH "u8))
            {
                int start = reader.Position;
                ReadOnlySpan<byte> depth = reader.TryReadAtom(out ReadOnlySpan<byte> atom) ? atom : default;
                int levels = depth is [(byte)'0'] ? 0 : depth is [(byte)'1'] ? 1 : Ascii.EqualsIgnoreCase(depth, "INFINITY"u8) ? int.MaxValue : -1;
                if (levels < 0)
                {
                    reader.Position = start;
                    return false;
                }

                hasDepth = true;
                options = options with { Depth = levels };
            }
            else
                return false;
        }
        while (reader.TryReadSpace());
        return reader.TryReadOctet((byte)')');
    }
}
