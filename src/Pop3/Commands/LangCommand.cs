using System.Diagnostics.CodeAnalysis;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Languages;
using FullStack.Pop3.Server;

namespace FullStack.Pop3.Commands;

/// <summary>LANG [range]: which languages there are, or the one to answer in from now on; <c>*</c> is the administrator's choice.</summary>
/// <remarks>RFC 6856 §3.</remarks>
internal sealed record LangCommand(string? Range) : IPop3Command<LangCommand>
{
    public static Pop3Verb Verb { get; } = new("LANG", Pop3States.Any, "LANG [language]", Capability: "LANG");

    public static bool TryParse(ref Pop3Reader reader, [NotNullWhen(true)] out LangCommand? command)
    {
        command = reader.TryReadEnd() ? new((string?)null)
            : reader.TryReadSpace() && reader.TryReadWord(out string? range) && reader.TryReadEnd() ? new(range) : null;
        return command is not null;
    }

    public ValueTask<Pop3Reply> ExecuteAsync(Pop3Session session, CancellationToken ct)
    {
        if (Range is null)
            return new(Pop3Reply.Ok("languages follow", new LinesBody(Pop3Language.All.Select(static language => language.Listing))));
        Pop3Language? chosen = Range == "*" ? Pop3Language.Of(session.Server.Options.Language) : Pop3Language.Find(Range);
        if (chosen is null)
            return new(Pop3Reply.UnknownLanguage);
        session.Language = chosen;
        return new(Pop3Reply.LanguageIs(chosen));
    }
}
