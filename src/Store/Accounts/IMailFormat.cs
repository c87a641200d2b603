using FullStack.Store.Delivery;
using FullStack.Store.Mailboxes;
using FullStack.Store.Places;

namespace FullStack.Store.Accounts;

/// <summary>
/// How mail lies on the disk: Maildir++ or mbox, one for the whole store. With <see cref="IMailHome"/> and
/// <see cref="IMailboxFolder"/> it is all that the rest of the store knows of where octets are; what the index keeps is the same for every format.
/// </summary>
internal interface IMailFormat
{
    /// <summary>The place of one account's mail.</summary>
    /// <param name="name">The account.</param>
    /// <param name="place">Where what is kept of it lies.</param>
    IMailHome Home(AccountName name, AccountPlace place);

    /// <summary>Begins to put a complete staged message into mailboxes.</summary>
    /// <param name="message">The message.</param>
    /// <param name="mark">What makes it known again in a mailbox that has it already; null: it is new to all of them.</param>
    IPlacement Place(StagedMessage message, DeliveryMark? mark = null);

    /// <summary>Begins to copy or move messages out of a mailbox.</summary>
    ITransfer Transfer(Mailbox source, TransferTarget target);
}
