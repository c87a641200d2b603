using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Delivery;

/// <summary>One complete staged message on its way into one or several mailboxes. Disposing it removes what it needed meanwhile.</summary>
internal interface IPlacement : IAsyncDisposable
{
    /// <summary>Does, once, what all the mailboxes share.</summary>
    /// <param name="first">One of the mailboxes.</param>
    /// <param name="internalDate">When the message arrived; null: now.</param>
    /// <param name="isOnly">There is no other, so that what can wait until the message is placed is done together with that.</param>
    Task<FileError> PrepareAsync(Mailbox first, DateTimeOffset? internalDate, bool isOnly);

    /// <summary>
    /// Puts the message into a mailbox: durable on success, without a trace on failure. A reader never sees half of it. A marked one that is there already
    /// is <see cref="FileError.Exists"/>.
    /// </summary>
    /// <param name="mailbox">The mailbox, which need not be loaded.</param>
    /// <param name="flags">Its flags there.</param>
    /// <param name="internalDate">Its internal date there.</param>
    /// <exception cref="IOException">The index cannot be written, and the message was not placed for that.</exception>
    Task<(FileError Error, Arrival? Arrival)> PlaceAsync(Mailbox mailbox, MessageFlags flags, DateTimeOffset internalDate);
}
