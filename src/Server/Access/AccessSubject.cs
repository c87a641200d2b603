namespace FullStack.Server.Access;

/// <summary>What an access rule is about.</summary>
internal enum AccessSubject
{
    /// <summary>The client's address.</summary>
    Client,

    /// <summary>The client's name, where its address leads to it and it leads back.</summary>
    Host,

    /// <summary>What the client calls itself.</summary>
    Helo,

    /// <summary>The reverse-path.</summary>
    Sender,

    /// <summary>A forward-path.</summary>
    Recipient,
}
