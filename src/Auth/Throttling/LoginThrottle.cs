using System.Net;

namespace FullStack.Auth.Throttling;

/// <summary>Slows guessing down without locking owners out.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>A network (IPv4 address, IPv6 /64) that has failed lately gets one turn at a time: an attempt is checked only
/// when the delay of the failure before it has passed, however many connections ask. Who gets no turn within the
/// longest delay is told to try later, unchecked.</item>
/// <item>An account that failed lately from more networks than <see cref="FreeNetworks"/> makes each attempt wait for the rest of its last failure's delay,
/// measured once: at most the longest delay, so that a guessing crowd slows the owner down but never keeps the owner out. A guesser in one network
/// is held by the network's own delays, and the owner elsewhere waits for nothing.</item>
/// <item>An account that has a session from a network waits for nothing there, whoever else fails in that network.</item>
/// <item>A wrong password that came before is a program that nobody told of a new one: it is refused after the first delay and counts no more.</item>
/// <item>So a right password is answered within twice the longest delay, whatever others do: accepted, or "try later", never
/// "wrong".</item>
/// <item>A success clears the account, not the network: else one own account would reset an attacker's count.</item>
/// </list>
/// </remarks>
internal sealed class LoginThrottle
{
    /// <summary>What an attempt that waited for its account may still wait for its turn: alone in its network, it gets one at once.</summary>
    private static readonly TimeSpan s_leastWait = TimeSpan.FromSeconds(1);

    /// <summary>From how many networks an account's logins may fail before its next ones wait.</summary>
    public const int FreeNetworks = 3;

    /// <summary>How much of a name is kept, to be shown.</summary>
    private const int MaxSubjectCharacters = 80;

    private readonly AuthOptions _options;
    private readonly TimeProvider _time;
    private readonly ThrottleKey _keys;
    private readonly FailureTable _networks;
    private readonly FailureTable _accounts;
    private readonly FailureTable _pairs;
    private readonly FailureTable _crowds;
    private readonly WrongPasswords _wrong;
    private readonly NetworkTurns _turns;

    public LoginThrottle(AuthOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        (_keys, _turns) = (new(), new());
        (_networks, _accounts, _pairs, _crowds) = (new(time), new(time), new(time), new(time));
        (_wrong, Known) = (new(time), new(time));
    }

    private LoginThrottle(AuthOptions options, LoginThrottle memory)
    {
        (_options, _time) = (options, memory._time);
        (_keys, _turns) = (memory._keys, memory._turns);
        (_networks, _accounts, _pairs, _crowds) = (memory._networks, memory._accounts, memory._pairs, memory._crowds);
        (_wrong, Known) = (memory._wrong, memory.Known);
    }

    /// <summary>Where accounts are logged in from.</summary>
    public KnownNetworks Known { get; }

    /// <summary>The same memory and the same turns under other delays.</summary>
    public LoginThrottle With(AuthOptions options) => new(options, this);

    public LoginAttempt Begin(string account, IPAddress peer)
        => new(_keys.OfAccount(account), ThrottleKey.OfNetwork(peer), _time.GetTimestamp())
        {
            AccountName = account.Length > MaxSubjectCharacters ? account[..MaxSubjectCharacters] : account,
            NetworkName = ThrottleKey.NameOfNetwork(peer),
        };

    /// <summary>Waits out what the account's failures ask for.</summary>
    public async ValueTask WaitForAccountAsync(LoginAttempt attempt, CancellationToken ct)
    {
        TimeSpan wait = _crowds.WaitOf(attempt.Account);
        if (wait > TimeSpan.Zero && !Known.HasSession(attempt.Account, attempt.Network))
            await Task.Delay(wait, _time, ct);
    }

    /// <summary>Whether the attempt may be checked without a turn of its own, because its network has not failed lately, or the account is logged in to from there.</summary>
    public bool IsFree(LoginAttempt attempt) => !_networks.HasFailed(attempt.Network) || Known.HasSession(attempt.Account, attempt.Network);

    /// <summary>Waits until it is this attempt's turn among those of its network. Dispose the turn once the password is checked and counted.</summary>
    /// <returns>Null where that takes longer than the longest delay after the attempt began.</returns>
    public async ValueTask<IDisposable?> TakeTurnAsync(LoginAttempt attempt, CancellationToken ct)
    {
        TimeSpan left = _options.MaxFailureDelay - _time.GetElapsedTime(attempt.BegunAt);
        if (left < s_leastWait)
            left = s_leastWait;
        using CancellationTokenSource limit = new(left, _time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        IDisposable? turn = null;
        try
        {
            turn = await _turns.TakeAsync(attempt.Network, both.Token);
            TimeSpan wait = _networks.WaitOf(attempt.Network);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, _time, ct); // at most the longest delay
            return turn;
        }
        catch (OperationCanceledException)
        {
            turn?.Dispose();
            ct.ThrowIfCancellationRequested();
            return null;
        }
    }

    /// <summary>Counts a failure.</summary>
    /// <returns>How long to keep the answer back.</returns>
    public TimeSpan Fail(LoginAttempt attempt)
    {
        TimeSpan network = _networks.Fail(attempt.Network, _options.FailureDelay, _options.MaxFailureDelay, attempt.NetworkName);
        TimeSpan account = _accounts.Fail(attempt.Account, _options.FailureDelay, _options.MaxFailureDelay, attempt.AccountName);
        UInt128 pair = ThrottleKey.OfPair(attempt.Account, attempt.Network);
        if (!_pairs.HasFailed(pair))
            _crowds.Fail(attempt.Account, _options.FailureDelay, _options.MaxFailureDelay, attempt.AccountName, FreeNetworks);
        _pairs.Fail(pair, TimeSpan.Zero, TimeSpan.Zero);
        return network > account ? network : account;
    }

    /// <summary>Counts a wrong password, unless it came before.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="version">What becomes another value with another password.</param>
    /// <param name="password">The password.</param>
    /// <returns>How long to keep the answer back.</returns>
    public TimeSpan Fail(LoginAttempt attempt, string? version, string password)
        => _wrong.Add(attempt.Account, version, password) ? _options.FailureDelay : Fail(attempt);

    /// <summary>Whether a password is known to be wrong, and how long then to keep the answer back.</summary>
    public TimeSpan? DelayOfStale(LoginAttempt attempt, string? version, string password)
        => _wrong.Contains(attempt.Account, version, password) ? _options.FailureDelay : null;

    public void Succeed(LoginAttempt attempt)
    {
        _accounts.Clear(attempt.Account);
        _crowds.Clear(attempt.Account);
    }

    /// <summary>Whose logins wait, or are answered late: networks and accounts.</summary>
    /// <param name="most">How many of each are wanted at most.</param>
    public (IReadOnlyList<FailureCount> Networks, IReadOnlyList<FailureCount> Accounts) List(int most) => (_networks.List(most), _accounts.List(most));

    /// <summary>Forgets the failures of an account.</summary>
    public bool LiftAccount(string account)
    {
        UInt128 key = _keys.OfAccount(account);
        return _accounts.Clear(key) | _crowds.Clear(key);
    }

    /// <summary>Forgets the failures of a network.</summary>
    public bool LiftNetwork(IPAddress address) => _networks.Clear(ThrottleKey.OfNetwork(address));
}

/// <summary>One login as the throttle sees it.</summary>
/// <param name="Account">The account's key.</param>
/// <param name="Network">The network's key.</param>
/// <param name="BegunAt">The clock's timestamp when it came.</param>
internal readonly record struct LoginAttempt(UInt128 Account, UInt128 Network, long BegunAt)
{
    /// <summary>The account, as far as it is shown to people.</summary>
    public string AccountName { get; init; } = "";

    /// <summary>The network, as it is shown to people.</summary>
    public string NetworkName { get; init; } = "";
}
