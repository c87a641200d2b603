using System.Buffers;

namespace FullStack.Smtp.Grammar;

/// <summary>Names of transactions.</summary>
/// <remarks>RFC 1845 §2; tspecials RFC 2045 §5.1.</remarks>
internal static class TransactionGrammar
{
    private const int MaxOctets = 80;

    private static readonly SearchValues<byte> s_notAtom = SearchValues.Create([.. Enumerable.Range(0, 33).Select(static octet => (byte)octet), .. "()<>@,;:\\\"/[]?=\x7F"u8]);

    /// <summary><c>transid-value ::= "&lt;" transid-local "@" transid-domain "&gt;"</c>, each <c>transid-atom *("." transid-atom)</c></summary>
    public static bool IsTransaction(ReadOnlySpan<byte> value)
    {
        if (value.Length > MaxOctets || value is not [(byte)'<', .. var spec, (byte)'>'] || !System.Text.Ascii.IsValid(spec))
            return false;
        int at = spec.IndexOf((byte)'@');
        return at > 0 && IsToken(spec[..at]) && IsToken(spec[(at + 1)..]);
    }

    private static bool IsToken(ReadOnlySpan<byte> token)
    {
        while (true)
        {
            int dot = token.IndexOf((byte)'.');
            ReadOnlySpan<byte> atom = dot < 0 ? token : token[..dot];
            if (atom.IsEmpty || atom.ContainsAny(s_notAtom))
                return false;
            if (dot < 0)
                return true;
            token = token[(dot + 1)..];
        }
    }
}
