using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Imap.Languages;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>LANGUAGE: says in which languages the server can speak, or chooses one.</summary>
/// <remarks>RFC 5255 §3.2. The prefixes of namespaces are the same in each language, so NAMESPACE has no translations (§3.4).</remarks>
internal sealed record LanguageCommand(IReadOnlyList<string> Ranges) : IImapCommand<LanguageCommand>
{
    private const int MaxRanges = 20;

    public static ImapVerb Verb { get; } = new("LANGUAGE", ImapStates.Any);

    /// <summary>*(SP lang-range-quoted); lang-range-quoted = astring</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out LanguageCommand? command)
    {
        command = null;
        List<string> ranges = [];
        while (!reader.AtEnd)
        {
            if (ranges.Count == MaxRanges || !reader.TryReadSpace() || !reader.TryReadAString(out ReadOnlySpan<byte> range))
                return false;
            ranges.Add(Encoding.ASCII.GetString(range));
        }

        command = new(ranges);
        return true;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (Ranges.Count == 0)
        {
            Tell(session, ImapLanguage.All);
            return new(ImapCompletion.Ok("LANGUAGE completed"));
        }

        ImapLanguage? language = Ranges.Select(range => Find(range, session.Environment.Options.Language)).FirstOrDefault(static found => found is not null);
        if (language is null)
            return new(ImapCompletion.No("Unsupported language"));
        Tell(session, [language]);
        session.Speak(language);
        return new(ImapCompletion.Ok("LANGUAGE completed"));
    }

    /// <summary>The range "default" is the administrator's choice.</summary>
    private static ImapLanguage? Find(string range, PreferredLanguage preferred)
        => range.Equals("default", StringComparison.OrdinalIgnoreCase) || range == "*" ? ImapLanguage.Find(preferred.ToString()) : ImapLanguage.Find(range);

    private static void Tell(ImapSession session, IReadOnlyList<ImapLanguage> languages)
    {
        session.Writer.Write("* LANGUAGE ("u8);
        session.Writer.Atom(string.Join(' ', languages.Select(static language => language.Tag)));
        session.Writer.Write(")\r\n"u8);
    }
}
