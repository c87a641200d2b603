using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Imap.Responses;
using FullStack.Imap.Server;
using FullStack.Store.Identity;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Metadata;

/// <summary>Writes METADATA responses.</summary>
/// <remarks>RFC 5464 §4.4.</remarks>
internal static class MetadataResponses
{
    /// <summary>
    /// <c>* METADATA mailbox (entry value …)</c>; nothing where there is nothing to tell. An entry that was asked for by its name
    /// alone and is not there has the value NIL.
    /// </summary>
    /// <param name="session">Whose client is told.</param>
    /// <param name="mailbox">The mailbox; null: the server.</param>
    /// <param name="asked">The entries asked for.</param>
    /// <param name="options">How deep, and how long values may be.</param>
    /// <param name="present">All there is.</param>
    /// <param name="ct">Ends the writing.</param>
    /// <returns>The length of the longest value that was left out; 0 where none was.</returns>
    public static async ValueTask<int> SendAsync(
        ImapSession session, MailboxName? mailbox, IReadOnlyList<string> asked, MetadataOptions options, IReadOnlyDictionary<string, byte[]> present,
        CancellationToken ct)
    {
        int longest = 0;
        bool isFirst = true;
        foreach ((string name, byte[]? value) in Select(asked, options.Depth, present))
        {
            if (value?.Length > options.MaxSize)
            {
                longest = Math.Max(longest, value.Length);
                continue;
            }

            if (isFirst)
                Begin(session.Writer, mailbox, " ("u8);
            else
                session.Writer.Space();
            isFirst = false;
            session.Writer.AString(Encoding.ASCII.GetBytes(name));
            session.Writer.Space();
            if (value is null)
                session.Writer.Nil();
            else
                session.Writer.StringOrLiteral8(value);
            await session.Connection.FlushIfLargeAsync(ct);
        }

        if (!isFirst)
            session.Writer.Write(")\r\n"u8);
        return longest;
    }

    /// <summary><c>* METADATA mailbox entry …</c>: which entries others changed (RFC 5464 §4.4.2).</summary>
    public static void SendChanges(ImapResponseWriter writer, IEnumerable<MetadataName> changed)
    {
        foreach (IGrouping<MailboxName?, MetadataName> names in changed.GroupBy(static name => name.Mailbox))
        {
            Begin(writer, names.Key, default);
            foreach (MetadataName name in names)
            {
                writer.Space();
                writer.AString(Encoding.ASCII.GetBytes(name.Entry));
            }

            writer.EndLine();
        }
    }

    private static void Begin(ImapResponseWriter writer, MailboxName? mailbox, ReadOnlySpan<byte> then)
    {
        writer.Write("* METADATA "u8);
        if (mailbox is null)
            writer.AString(default);
        else
            writer.Mailbox(mailbox);
        writer.Write(then);
    }

    /// <summary>The entries asked for and, with a depth, those below them that are there, each once.</summary>
    private static IEnumerable<(string Name, byte[]? Value)> Select(IReadOnlyList<string> asked, int depth, IReadOnlyDictionary<string, byte[]> present)
    {
        HashSet<string> told = new(StringComparer.OrdinalIgnoreCase);
        KeyValuePair<string, byte[]>[] inOrder = depth == 0 ? [] : [.. present.OrderBy(static pair => pair.Key, StringComparer.Ordinal)];
        foreach (string name in asked)
        {
            string entry = name.ToLowerInvariant();
            bool isThere = present.TryGetValue(entry, out byte[]? value);
            if ((isThere || depth == 0) && told.Add(name))
                yield return (name, value);
            if (depth == 0)
                continue;
            foreach ((string below, byte[] content) in inOrder)
            {
                if (below.Length > entry.Length && below[entry.Length] == '/' && below.StartsWith(entry, StringComparison.Ordinal) && below.AsSpan(entry.Length + 1).Count('/') < depth && told.Add(below))
                    yield return (below, content);
            }
        }
    }
}
