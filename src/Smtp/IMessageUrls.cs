namespace FullStack.Smtp;

/// <summary>Fetches what users name by URL instead of sending it.</summary>
/// <remarks>RFC 4468 §3.3.</remarks>
public interface IMessageUrls
{
    /// <summary>Opens what a URL names for a user who submits a message.</summary>
    /// <param name="url">The URL as it was sent, ASCII.</param>
    /// <param name="account">The address of the account that logged in.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>Null where he may not use it, or it names nothing.</returns>
    ValueTask<IUrlOctets?> OpenAsync(ReadOnlyMemory<byte> url, string account, CancellationToken ct);
}

/// <summary>What a URL names.</summary>
public interface IUrlOctets : IDisposable
{
    /// <summary>How many there are, with CRLF line ends.</summary>
    long Octets { get; }

    /// <summary>Gives all of them to <paramref name="take"/>, which must be done with a piece when it returns.</summary>
    ValueTask CopyAsync(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, CancellationToken ct);
}
