namespace FullStack.Store.Delivery;

/// <summary>
/// Makes a delivery known again: the same message for the same mailbox has the same mark whenever it is delivered. A crash between the delivery and
/// whatever its maker writes down of it then costs no second copy.
/// </summary>
/// <param name="Key">What tells it from all others: letters, digits, <c>-</c> and <c>_</c>.</param>
/// <param name="Time">A time that is the same each time, such as that of the message's arrival at this host.</param>
/// <param name="MayBeThere">It may have been made before: the mailbox is looked through for it first. One that its owner has moved or removed since is not found.</param>
public sealed record DeliveryMark(string Key, DateTimeOffset Time, bool MayBeThere);
