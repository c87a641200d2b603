using System.Globalization;
using System.Text;

namespace FullStack.Store.Feed;

/// <summary>From which UID on the POP3 names of a mailbox's messages are made how, so that a message keeps its name when the configuration changes.</summary>
/// <remarks>
/// Kept as a property of the mailbox, so in the list beside it too: <c>1795289224 1= 57=%08Xu%08Xv 90-%v.%u</c> is the UIDVALIDITY under which
/// it holds, names of our own from UID 1 on, those of a format from 57 on, and from 90 on our own again, because another format was wanted whose names
/// would not be this mailbox's alone.
/// </remarks>
internal sealed class UidlRules
{
    /// <summary>The property's name. It is no entry of metadata, which begin with a slash.</summary>
    public const string Property = "pop3-uidl";

    private readonly List<Rule> _rules = [];

    private UidlRules()
    {
    }

    /// <summary>The mailbox was not listed yet under this UIDVALIDITY.</summary>
    public bool IsEmpty => _rules.Count == 0;

    /// <summary>The format that was wanted last; empty: our own names; null where nothing was.</summary>
    public string? Wanted => IsEmpty ? null : _rules[^1].Text;

    /// <summary>Reads what is kept. What is damaged, or of another life of the mailbox, counts as not kept.</summary>
    public static UidlRules Read(ReadOnlySpan<byte> kept, UidValidity validity)
    {
        UidlRules rules = new();
        string[] words = Encoding.ASCII.GetString(kept).Split(' ');
        if (!uint.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out uint life) || life != validity.Value)
            return rules;
        foreach (string word in words.AsSpan(1))
        {
            int sign = word.AsSpan().IndexOfAny('=', '-');
            if (sign < 1 || !uint.TryParse(word.AsSpan(0, sign), NumberStyles.None, CultureInfo.InvariantCulture, out uint from))
                return new();
            rules.Add(from, word[(sign + 1)..], isInForce: word[sign] == '=');
        }

        return rules;
    }

    public byte[] Write(UidValidity validity)
        => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{validity.Value}")
            + string.Concat(_rules.Select(static rule => string.Create(CultureInfo.InvariantCulture, $" {rule.From}{(rule.IsInForce ? '=' : '-')}{rule.Text}"))));

    /// <param name="from">The first UID for which it holds.</param>
    /// <param name="text">The format; empty: our own names.</param>
    /// <param name="isInForce">False where names are our own although the format was wanted.</param>
    public void Add(uint from, string text, bool isInForce)
        => _rules.Add(new(from, text, isInForce || text.Length == 0, isInForce && UidlFormat.TryParse(text, out UidlFormat? format) ? format : null));

    /// <summary>The format of a message's name; null: our own.</summary>
    public UidlFormat? For(uint uid) => _rules.FindLast(rule => rule.From <= uid)?.Format;

    private sealed record Rule(uint From, string Text, bool IsInForce, UidlFormat? Format);
}
