using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Responses;
using FullStack.Imap.Server;
using FullStack.Imap.Urls;
using FullStack.Net;

namespace FullStack.Imap.Commands;

/// <summary>URLFETCH: what URLs name that others let this user use.</summary>
/// <remarks>RFC 4467 §7 and §8; URLs with PARTIAL RFC 5550 §2.5.</remarks>
internal sealed record UrlFetchCommand(IReadOnlyList<byte[]> Urls) : IImapCommand<UrlFetchCommand>
{
    /// <summary>Most URLs in one command.</summary>
    private const int MaxUrls = 100;

    public static ImapVerb Verb { get; } = new("URLFETCH", ImapStates.LoggedIn, ImapVerbFlags.Secret);

    /// <summary>1*(SP url-full)</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out UrlFetchCommand? command)
    {
        List<byte[]> urls = [];
        command = null;
        while (urls.Count < MaxUrls && reader.TryReadSpace())
        {
            if (!reader.TryReadAString(out ReadOnlySpan<byte> url))
                return false;
            urls.Add(url.ToArray());
        }

        command = urls.Count > 0 && reader.TryReadEnd() ? new(urls) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        bool isServer = session.Environment.Options.SubmitUsers.Contains(session.Account.Name.ToString(), StringComparer.OrdinalIgnoreCase);
        UrlReader reader = new(session.Account.Name, isServer ? UrlRole.SubmissionServer : UrlRole.User);
        foreach (byte[] url in Urls)
        {
            using UrlContent? content = await session.Environment.Urls.OpenAsync(url, reader, ct);
            await SendAsync(session, url, content, ct);
        }

        return ImapCompletion.Ok("URLFETCH completed");
    }

    /// <summary>"*" SP "URLFETCH" SP url-full SP nstring: one response for each, so that none waits for the others.</summary>
    private static async ValueTask SendAsync(ImapSession session, byte[] url, UrlContent? content, CancellationToken ct)
    {
        ImapResponseWriter writer = session.Writer;
        writer.Write("* URLFETCH "u8);
        writer.String(url);
        writer.Space();
        if (content is null)
        {
            writer.Nil();
        }
        else
        {
            try
            {
                writer.LiteralHeader(content.Octets);
                await content.CopyAsync(
                    async (chunk, token) =>
                    {
                        writer.LiteralOctets(chunk.Span);
                        await session.Connection.FlushIfLargeAsync(token);
                    },
                    ct);
            }
            catch (Exception e) when (e is not (PeerGoneException or OperationCanceledException or ResponseBrokenException))
            {
                throw new ResponseBrokenException("a part could not be sent to its end", e);
            }
        }

        writer.EndLine();
        await session.Connection.FlushIfLargeAsync(ct);
    }
}
