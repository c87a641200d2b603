using System.Text;
using FullStack.Imap.Grammar;

namespace FullStack.Imap.Threading;

/// <summary>Reads the name of a threading algorithm.</summary>
internal static class ThreadGrammar
{
    /// <summary>thread-alg = "ORDEREDSUBJECT" / "REFERENCES" / thread-alg-ext (RFC 5256 §5)</summary>
    public static bool TryReadThreadAlgorithm(this ref ImapReader reader, out ThreadAlgorithm algorithm)
    {
        int start = reader.Position;
        ThreadAlgorithm? named = !reader.TryReadAtom(out ReadOnlySpan<byte> name) ? null : name switch
        {
            _ when Ascii.EqualsIgnoreCase(name, "ORDEREDSUBJECT"u8) => ThreadAlgorithm.OrderedSubject,
            _ when Ascii.EqualsIgnoreCase(name, "REFERENCES"u8) => ThreadAlgorithm.References,
            _ when Ascii.EqualsIgnoreCase(name, "REFS"u8) => ThreadAlgorithm.Refs,
            _ => null,
        };
        algorithm = named ?? default;
        if (named is null)
            reader.Position = start;
        return named is not null;
    }
}
