using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>COMPARATOR: says how texts are compared in SEARCH, SORT and THREAD, or asks for another way.</summary>
/// <remarks>RFC 5255 §4.7. There is one way, that which I18NLEVEL=2 requires: i;unicode-casemap (RFC 5051).</remarks>
internal sealed record ComparatorCommand(IReadOnlyList<string> Orders) : IImapCommand<ComparatorCommand>
{
    private const string Active = "i;unicode-casemap";
    private const int MaxOrders = 20, MaxOrderOctets = 254; // RFC 4790 §3.1

    public static ImapVerb Verb { get; } = new("COMPARATOR", ImapStates.LoggedIn);

    /// <summary>*(SP comp-order-quoted); comp-order-quoted = astring</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out ComparatorCommand? command)
    {
        command = null;
        List<string> orders = [];
        while (!reader.AtEnd)
        {
            if (orders.Count == MaxOrders || !reader.TryReadSpace())
                return false;
            int start = reader.Position;
            if (!reader.TryReadAString(out ReadOnlySpan<byte> order) || order.Length > MaxOrderOctets)
            {
                reader.Position = start;
                return false;
            }

            orders.Add(Encoding.ASCII.GetString(order));
        }

        command = new(orders);
        return true;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (Orders.Count > 0 && !Orders.Any(static order => order.Equals("default", StringComparison.OrdinalIgnoreCase) || Matches(order, Active)))
            return new(ImapCompletion.No("Texts are not compared in that way here", "BADCOMPARATOR"));
        session.Writer.Write("* COMPARATOR "u8);
        session.Writer.Atom(Active);
        session.Writer.EndLine();
        return new(ImapCompletion.Ok("COMPARATOR completed"));
    }

    /// <summary>collation-wild = ("*" / (ALPHA ["*"])) *(collation-char ["*"]): each <c>*</c> is any text, also none (RFC 4790 §3.2).</summary>
    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        int star = pattern.IndexOf('*');
        if (star < 0)
            return pattern.Equals(name, StringComparison.OrdinalIgnoreCase);
        if (!name.StartsWith(pattern[..star], StringComparison.OrdinalIgnoreCase))
            return false;
        name = name[star..];
        pattern = pattern[(star + 1)..];

        // The earliest place of each piece between stars leaves the most for those that follow.
        for (star = pattern.IndexOf('*'); star >= 0; star = pattern.IndexOf('*'))
        {
            int at = name.IndexOf(pattern[..star], StringComparison.OrdinalIgnoreCase);
            if (at < 0)
                return false;
            name = name[(at + star)..];
            pattern = pattern[(star + 1)..];
        }

        return name.EndsWith(pattern, StringComparison.OrdinalIgnoreCase);
    }
}
