using System.Diagnostics.CodeAnalysis;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Server;

namespace FullStack.Pop3.Commands;

/// <summary>UTF8: the client understands UTF-8 in the headers of messages, which it is sent as they are from now on.</summary>
/// <remarks>RFC 6856 §2. What others get instead is <see cref="Pop3Options.WithoutUtf8"/>. Names and passwords may be UTF-8 in any case: <c>UTF8 USER</c>.</remarks>
internal sealed record Utf8Command : IPop3Command<Utf8Command>
{
    public static Pop3Verb Verb { get; } = new("UTF8", Pop3States.Authorization, "UTF8", Capability: "UTF8 USER");

    public static bool TryParse(ref Pop3Reader reader, [NotNullWhen(true)] out Utf8Command? command)
    {
        command = reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public ValueTask<Pop3Reply> ExecuteAsync(Pop3Session session, CancellationToken ct)
    {
        if (session.IsUtf8)
            return new(Pop3Reply.Utf8Already);
        session.IsUtf8 = true;
        return new(Pop3Reply.Utf8Begins);
    }
}
