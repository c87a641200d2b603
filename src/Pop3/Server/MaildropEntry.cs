using System.Globalization;
using FullStack.Store;

namespace FullStack.Pop3.Server;

/// <summary>One message of a maildrop.</summary>
/// <param name="Number">Its number in this session, from 1.</param>
/// <param name="Folder">Which of the maildrop's mailboxes it is in, from 0.</param>
/// <param name="Uid">What that mailbox calls it.</param>
/// <param name="SentOctets">How many octets RETR sends of it, dot-stuffing not counted (RFC 1939 §11).</param>
internal readonly record struct MaildropEntry(int Number, int Folder, Uid Uid, long SentOctets)
{
    /// <summary>A scan listing (RFC 1939 §5).</summary>
    public string Listing => string.Create(CultureInfo.InvariantCulture, $"{Number} {SentOctets}");
}
