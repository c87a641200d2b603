namespace FullStack.Smtp.Guard;

/// <summary>Answers those later and later who only err: guessing recipients or passwords is slow then. A wait costs a timer, no thread.</summary>
internal sealed class Tarpit(GuardOptions options)
{
    /// <summary>How long the answer to an error is to be kept back.</summary>
    /// <param name="errors">Errors of the session, this one included.</param>
    public TimeSpan DelayOf(int errors)
    {
        int beyond = errors - options.TarpitAfter;
        if (beyond <= 0)
            return TimeSpan.Zero;
        double delay = options.TarpitDelay.Ticks * Math.Pow(2, Math.Min(beyond - 1, 40));
        return delay >= options.TarpitMaxDelay.Ticks ? options.TarpitMaxDelay : TimeSpan.FromTicks((long)delay);
    }
}
