using FullStack.Auth.Backends;
using FullStack.Auth.Passwords;

namespace FullStack.Auth.Sasl;

/// <summary>Which mechanisms there are, and which of them a connection is offered.</summary>
/// <remarks>
/// Clients take the strongest mechanism that is announced, and many give up where it fails. So one that some accounts'
/// stored passwords cannot serve, because they came as hashes of another kind, is not announced until all can; who names it is served.
/// </remarks>
internal sealed class SaslMechanisms
{
    /// <summary>How old what is known of the stored forms may be.</summary>
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(10);

    private readonly Authenticator _authenticator;
    private readonly TimeProvider _time;
    private readonly SaslMechanism[] _offered;
    private volatile Known? _known;

    public SaslMechanisms(Authenticator authenticator, AuthOptions options, TimeProvider time)
    {
        (_authenticator, _time) = (authenticator, time);
        _offered = [.. All.Where(mechanism => options.Mechanisms.Contains(mechanism.Name, StringComparer.OrdinalIgnoreCase))];
        NeedPlainSecrets = options.Apop || _offered.Any(static mechanism => mechanism.Need == SecretNeed.Plain);
    }

    /// <summary>All mechanisms, strongest first.</summary>
    public static IReadOnlyList<SaslMechanism> All { get; } =
    [
        new(ExternalExchange.Name, SecretNeed.Any, static (authenticator, connection) => new ExternalExchange(authenticator, connection))
        {
            IsPossible = static (authenticator, connection) => authenticator.NamesOf(connection.Certificate).Count > 0,
        },
        Scram(ScramHash.Sha512, binds: true),
        Scram(ScramHash.Sha512),
        Scram(ScramHash.Sha256, binds: true),
        Scram(ScramHash.Sha256),
        Scram(ScramHash.Sha1, binds: true),
        Scram(ScramHash.Sha1),
        new(CramMd5Exchange.Name, SecretNeed.Plain, static (authenticator, connection) => new CramMd5Exchange(authenticator, connection)),
        Bearer(BearerExchange.Name),
        Bearer(BearerExchange.OldName),
        new(PlainExchange.Name, SecretNeed.Any, static (authenticator, connection) => new PlainExchange(authenticator, connection)) { SendsSecret = true },
        new(LoginExchange.Name, SecretNeed.Any, static (authenticator, connection) => new LoginExchange(authenticator, connection)) { SendsSecret = true },
        new(AnonymousExchange.Name, SecretNeed.Any, static (authenticator, connection) => new AnonymousExchange(authenticator, connection))
        {
            IsPossible = static (authenticator, connection) => authenticator.AnonymousAccount.Length > 0 && connection.Service != LoginService.Smtp,
        },
    ];

    /// <summary>Something is offered that works with passwords stored in the clear and nothing else.</summary>
    public bool NeedPlainSecrets { get; }

    /// <summary>The names of those to announce.</summary>
    public IReadOnlyList<string> AnnouncedOn(SaslConnection connection)
        => [.. _offered.Where(mechanism => IsAnnounced(mechanism, connection)).Select(static mechanism => mechanism.Name)];

    /// <summary>Starts one; null where it is not offered.</summary>
    public ISaslExchange? Start(string name, SaslConnection connection)
        => Find(name) is { } mechanism && IsOffered(mechanism, connection) ? mechanism.Start(_authenticator, connection) : null;

    /// <summary>Whether one is offered only once TLS runs.</summary>
    public bool NeedsTls(string name, SaslConnection connection)
        => !connection.IsEncrypted && connection.Allows(name.ToUpperInvariant()) && Find(name) is { } mechanism && !IsOffered(mechanism, connection)
            && (mechanism.SendsSecret || mechanism.Binds);

    /// <summary>Whether a client on a connection can know that this hash is offered with channel binding.</summary>
    internal bool AnnouncesBinding(ScramHash hash, SaslConnection connection)
        => _offered.Any(mechanism => mechanism.Binds && mechanism.Hash == hash && IsAnnounced(mechanism, connection));

    private static SaslMechanism Scram(ScramHash hash, bool binds = false)
        => new(binds ? hash.Name + "-PLUS" : hash.Name, SecretNeed.Verifier, (authenticator, connection) => new ScramExchange(authenticator, connection, hash, binds))
        {
            Binds = binds,
            Hash = hash,
        };

    private static SaslMechanism Bearer(string name)
        => new(name, SecretNeed.Any, (authenticator, connection) => new BearerExchange(authenticator, connection, name))
        {
            SendsSecret = true,
            IsPossible = static (authenticator, _) => authenticator.Tokens.IsUsed,
        };

    private SaslMechanism? Find(string name)
        => Array.Find(_offered, mechanism => mechanism.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private bool IsOffered(SaslMechanism mechanism, SaslConnection connection)
        => connection.Allows(mechanism.Name)
            && mechanism.IsPossible(_authenticator, connection)
            && (!mechanism.SendsSecret || _authenticator.IsPlaintextAllowed(connection))
            && (!mechanism.Binds || connection.CanBind);

    private bool IsAnnounced(SaslMechanism mechanism, SaslConnection connection)
        => IsOffered(mechanism, connection) && (!mechanism.Binds || connection.HasDefaultBinding) && IsServed(mechanism);

    private bool IsServed(SaslMechanism mechanism)
    {
        if (mechanism.Need == SecretNeed.Any)
            return true;
        Known? known = _known;
        if (known is null || _time.GetElapsedTime(known.At) > s_fresh)
        {
            try
            {
                _known = known = new(_authenticator.Accounts.ListSchemes(), _time.GetTimestamp());
            }
            catch (DirectoryUnavailableException)
            {
                return known is not null && known.Schemes.All(mechanism.IsServedBy); // the login will tell
            }
        }

        return known.Schemes.All(mechanism.IsServedBy);
    }

    private sealed record Known(IReadOnlyList<string> Schemes, long At);
}
