using FullStack.Queue.Spool;
using FullStack.Smtp;

namespace FullStack.Queue.Schedule;

/// <summary>Finds out that the clock has been set back, as it may have been also while nobody looked, so that nothing waits until it has caught up.</summary>
/// <remarks>Who began before, an attempt or a message on its way in, may still write down times of then.</remarks>
/// <param name="queue">The queue, in which what waits for such times is put right.</param>
/// <param name="time">The clock.</param>
internal sealed class ClockSteps(MessageQueue queue, TimeProvider time)
{
    /// <summary>How long after the clock was set back a message on its way in may still get a time of before.</summary>
    private static readonly TimeSpan s_afterStep = TimeSpan.FromSeconds(30);

    /// <summary>The time of the last look; before the first one, the end of time.</summary>
    private DateTimeOffset _lastLook = DateTimeOffset.MaxValue;

    /// <summary>When the clock was set back last, as a timestamp.</summary>
    private long _steppedAt;

    /// <summary>An attempt has ended that began before the clock was set back, and was told the time of then.</summary>
    private bool _endedAcross;

    /// <summary>How often the clock was found set back, the first look included.</summary>
    public int Count { get; private set; }

    /// <summary>An attempt has ended.</summary>
    /// <param name="began">What <see cref="Count"/> was when it began.</param>
    public void Ended(int began) => _endedAcross |= began != Count;

    /// <summary>Looks at the clock, and puts right what waits for times that are far away now.</summary>
    /// <param name="now">The time.</param>
    /// <param name="isPoll">It is time to look after those who may still write down times of before.</param>
    /// <param name="lanes">The lanes worked on, whose destinations are not let alone until times of before.</param>
    /// <returns>Whether the clock was set back, and the lanes in which something is due earlier now.</returns>
    /// <exception cref="IOException">The queue cannot be used; the next look finds the same.</exception>
    public async Task<(bool IsStep, IReadOnlyList<Lane> Hastened)> NoteAsync(DateTimeOffset now, bool isPoll, ActiveLanes lanes)
    {
        bool isStep = now < _lastLook;
        if (isStep)
        {
            Count++;
            if (_lastLook < DateTimeOffset.MaxValue)
                _steppedAt = time.GetTimestamp();
        }

        bool hasPauses = isStep || _endedAcross;
        bool mayBeLeft = hasPauses || (isPoll && time.GetElapsedTime(_steppedAt) < s_afterStep);
        IReadOnlyList<Lane> hastened = [];
        if (mayBeLeft && await queue.ReadAsync(rows => SetBackClock.HasLeft(rows, now)))
            hastened = await queue.ChangeAsync(rows => SetBackClock.PutRight(rows, now));
        if (hasPauses)
            lanes.EndPauses(now);
        _endedAcross = false;
        _lastLook = now;
        return (isStep, hastened);
    }
}
