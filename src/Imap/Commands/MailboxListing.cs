using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Imap.Responses;
using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Commands;

/// <summary>Writes the responses of LIST and LSUB.</summary>
internal static class MailboxListing
{
    /// <summary>
    /// <c>* LIST (attributes) "." name</c>, or LSUB. Attributes: \Noselect (RFC 3501 §7.2.2), \HasChildren and
    /// \HasNoChildren (RFC 3348 §3), special uses (RFC 6154 §2), \Subscribed (RFC 5258 §3.1).
    /// </summary>
    /// <param name="writer">Takes the response.</param>
    /// <param name="response">Its name.</param>
    /// <param name="name">The mailbox.</param>
    /// <param name="attributes">Its attributes, without backslash.</param>
    /// <param name="extended">mbox-list-extended of RFC 5258 §6, with its parentheses; empty: none.</param>
    /// <param name="oldName">What the client called it, for OLDNAME (RFC 9051 §6.3.9.7); null: nothing else.</param>
    public static void Send(
        ImapResponseWriter writer, ReadOnlySpan<byte> response, MailboxName name, IReadOnlyList<string> attributes, string extended = "", string? oldName = null)
    {
        writer.Write("* "u8);
        writer.Write(response);
        writer.Write(" ("u8);
        for (int i = 0; i < attributes.Count; i++)
        {
            if (i > 0)
                writer.Space();
            writer.Write((byte)'\\');
            writer.Atom(attributes[i]);
        }

        writer.Write(") \".\" "u8);
        writer.Mailbox(name);
        if (extended.Length > 0)
        {
            writer.Space();
            writer.Atom(extended);
        }

        if (oldName is not null)
        {
            writer.Write(" (\"OLDNAME\" ("u8);
            writer.Mailbox(oldName);
            writer.Write("))"u8);
        }

        writer.EndLine();
    }

    /// <summary>The attributes of a mailbox in LIST.</summary>
    public static List<string> AttributesOf(MailboxInfo mailbox, bool withSubscribed)
    {
        List<string> attributes = [];
        if (!mailbox.Exists)
            attributes.Add("Noselect");
        attributes.Add(mailbox.HasChildren ? "HasChildren" : "HasNoChildren");
        if (SpecialUseNames.NameOf(mailbox.SpecialUse) is { } use)
            attributes.Add(use);
        if (withSubscribed && mailbox.Subscribed)
            attributes.Add("Subscribed");
        return attributes;
    }
}
