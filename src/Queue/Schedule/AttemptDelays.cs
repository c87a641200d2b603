using System.Globalization;

namespace FullStack.Queue.Schedule;

/// <summary>Where the time between a message's arrival and the end of an attempt went, as Postfix tells it in its log.</summary>
/// <param name="Before">From its arrival until it was due: on the way in, and between attempts.</param>
/// <param name="InQueue">From then until the attempt began.</param>
/// <param name="SetUp">Until a host could be sent to: DNS, connecting, greeting, TLS, login.</param>
/// <param name="Transmission">The transaction, or the delivery.</param>
internal readonly record struct AttemptDelays(TimeSpan Before, TimeSpan InQueue, TimeSpan SetUp, TimeSpan Transmission)
{
    /// <summary>What it was from the arrival to the end of the attempt.</summary>
    public double Seconds => (Before + InQueue + SetUp + Transmission).TotalSeconds;

    /// <summary>Of an attempt that ends now.</summary>
    /// <param name="arrived">When the message came.</param>
    /// <param name="due">When it was to be tried.</param>
    /// <param name="began">When it was.</param>
    /// <param name="setUp">How much of the rest was spent before a host could be sent to.</param>
    /// <param name="now">The end.</param>
    public static AttemptDelays Of(DateTimeOffset arrived, DateTimeOffset due, DateTimeOffset began, TimeSpan setUp, DateTimeOffset now)
    {
        // Who fetches mail comes when he likes, and a clock may be set back.
        now = now < arrived ? arrived : now;
        began = began < arrived ? arrived : began > now ? now : began;
        due = due < arrived ? arrived : due > began ? began : due;
        setUp = setUp > now - began ? now - began : setUp;
        return new(due - arrived, began - due, setUp, now - began - setUp);
    }

    /// <summary><c>a/b/c/d</c>, in seconds.</summary>
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{Before.TotalSeconds:0.##}/{InQueue.TotalSeconds:0.##}/{SetUp.TotalSeconds:0.##}/{Transmission.TotalSeconds:0.##}");
}
