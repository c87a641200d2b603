using FullStack.Smtp;
using FullStack.Store;

namespace FullStack.Queue.Delivery;

/// <summary>Says in SMTP's terms what the store made of a delivery.</summary>
/// <remarks>RFC 3463 §3.3 and §3.4.</remarks>
internal static class StoreOutcome
{
    /// <summary>The mailbox is full, for good as far as the sender is concerned.</summary>
    public static readonly DeliveryStatus Full = new(552, new(5, 2, 2), "The mailbox is full");

    /// <summary>The mailbox is full, and the sender may try again.</summary>
    public static readonly DeliveryStatus FullNow = new(452, new(4, 2, 2), "The mailbox is full, please try again later");

    private static readonly DeliveryStatus s_gone = new(550, new(5, 1, 1), "No such user here");
    private static readonly DeliveryStatus s_badName = new(550, new(5, 1, 1), "That user can have no mailbox");
    private static readonly DeliveryStatus s_tooBig = new(552, new(5, 2, 3), "The message is too large for that mailbox");
    private static readonly DeliveryStatus s_disabled = new(550, new(5, 2, 1), "That mailbox takes no messages");
    private static readonly DeliveryStatus s_busy = new(450, new(4, 2, 0), "The mailbox is in use, please try again later");

    /// <summary>ENOSPC, by which an exception tells of a full disk.</summary>
    public const int NoSpace = 28;

    /// <summary>What a file that cannot be written means for its message.</summary>
    public static DeliveryStatus StatusOf(IOException cause) => (cause.HResult & 0xFFFF) == NoSpace ? DeliveryStatus.DiskFull : DeliveryStatus.LocalError;

    public static DeliveryStatus StatusOf(StoreError error, OverQuota over) => error switch
    {
        StoreError.None => DeliveryStatus.Success,
        StoreError.NotFound => s_gone,
        StoreError.BadName => s_badName,
        StoreError.OverQuota => over == OverQuota.Defer ? FullNow : Full,
        StoreError.TooBig => s_tooBig,
        StoreError.ReadOnly or StoreError.NotPermitted or StoreError.Denied => s_disabled,
        StoreError.InUse => s_busy,
        StoreError.NoSpace => DeliveryStatus.DiskFull,
        StoreError.Gone or StoreError.AlreadyExists or StoreError.Unavailable => DeliveryStatus.LocalError,
        _ => throw new ArgumentOutOfRangeException(nameof(error), error, "an error the store did not have"),
    };
}
