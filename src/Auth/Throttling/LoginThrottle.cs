using System.Net;

namespace FullStack.Auth.Throttling;

/// <summary>Slows guessing down without locking owners out.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>A network (IPv4 address, IPv6 /64) that has failed lately gets one turn at a time: an attempt is checked only
/// when the delay of the failure before it has passed, however many connections ask. Who gets no turn within the
/// longest delay is told to try later, unchecked.</item>
/// <item>An account that has failed lately makes each attempt wait for the rest of its last failure's delay, measured
/// once: at most the longest delay, so that a guessing crowd slows the owner down but never keeps the owner out.</item>
/// <item>So a right password is answered within twice the longest delay, whatever others do: accepted, or "try later", never
/// "wrong".</item>
/// <item>A success clears the account, not the network: else one own account would reset an attacker's count.</item>
/// </list>
/// </remarks>
internal sealed class LoginThrottle
{
    /// <summary>What an attempt that waited for its account may still wait for its turn: alone in its network, it gets one at once.</summary>
    private static readonly TimeSpan s_leastWait = TimeSpan.FromSeconds(1);

    private readonly AuthOptions _options;
    private readonly TimeProvider _time;
    private readonly ThrottleKey _keys;
    private readonly FailureTable _networks;
    private readonly FailureTable _accounts;
    private readonly NetworkTurns _turns;

    public LoginThrottle(AuthOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        (_keys, _turns) = (new(), new());
        (_networks, _accounts) = (new(time), new(time));
    }

    private LoginThrottle(AuthOptions options, LoginThrottle memory)
    {
        (_options, _time) = (options, memory._time);
        (_keys, _turns) = (memory._keys, memory._turns);
        (_networks, _accounts) = (memory._networks, memory._accounts);
    }

    /// <summary>The same memory and the same turns under other delays.</summary>
    public LoginThrottle With(AuthOptions options) => new(options, this);

    public LoginAttempt Begin(string account, IPAddress peer)
        => new(_keys.OfAccount(account), ThrottleKey.OfNetwork(peer), _time.GetTimestamp());

    /// <summary>Waits out what the account's failures ask for.</summary>
    public async ValueTask WaitForAccountAsync(LoginAttempt attempt, CancellationToken ct)
    {
        TimeSpan wait = _accounts.WaitOf(attempt.Account);
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, _time, ct);
    }

    /// <summary>Whether the attempt may be checked without a turn of its own, because its network has not failed lately.</summary>
    public bool IsFree(LoginAttempt attempt) => !_networks.HasFailed(attempt.Network);

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

    /// <summary>Counts a wrong password.</summary>
    /// <returns>How long to keep the answer back.</returns>
    public TimeSpan Fail(LoginAttempt attempt)
    {
        TimeSpan network = _networks.Fail(attempt.Network, _options.FailureDelay, _options.MaxFailureDelay);
        TimeSpan account = _accounts.Fail(attempt.Account, _options.FailureDelay, _options.MaxFailureDelay);
        return network > account ? network : account;
    }

    public void Succeed(LoginAttempt attempt) => _accounts.Clear(attempt.Account);
}

/// <summary>One login as the throttle sees it.</summary>
/// <param name="Account">The account's key.</param>
/// <param name="Network">The network's key.</param>
/// <param name="BegunAt">The clock's timestamp when it came.</param>
internal readonly record struct LoginAttempt(UInt128 Account, UInt128 Network, long BegunAt);
