using FullStack.Queue.Spool;
using FullStack.Smtp;

namespace FullStack.Queue.Schedule;

/// <summary>A lane that the scheduler works on: the messages that are next, and whether there may be more.</summary>
internal sealed class ActiveLane
{
    public ActiveLane(Lane lane, ActiveDestination destination)
    {
        (Lane, Destination) = (lane, destination);
        Turn = new(this);
    }

    public Lane Lane { get; }
    public ActiveDestination Destination { get; }

    /// <summary>Its place in the row of those of its rank.</summary>
    public LinkedListNode<ActiveLane> Turn { get; }

    /// <summary>Messages that are next.</summary>
    public Queue<QueueId> Next { get; } = new();

    /// <summary>Messages that attempts run for.</summary>
    public HashSet<QueueId> Busy { get; } = [];

    /// <summary>The queue may have messages besides those in <see cref="Next"/> and <see cref="Busy"/>.</summary>
    public bool MayHaveMore { get; set; } = true;

    /// <summary>It had, when it was asked last, more than were read.</summary>
    public bool IsCut { get; set; }

    /// <summary>Nothing is next, nor may there be more.</summary>
    public bool IsIdle => Next.Count == 0 && !MayHaveMore;

    /// <summary>Notes an attempt, with which the lane goes to the end of its row.</summary>
    public void Begin(QueueId message)
    {
        LinkedList<ActiveLane> turns = Turn.List!;
        turns.Remove(Turn);
        turns.AddLast(Turn);
        Busy.Add(message);
        Destination.Running++;
    }

    public void End(QueueId message, AttemptOutcome outcome)
    {
        Busy.Remove(message);
        Destination.Running--;
        if (outcome.PausedUntil is { } until)
            Destination.Failed(outcome.Failures, until);
        else if (outcome.Reached)
            Destination.Succeeded();
        MayHaveMore |= outcome.MayHaveMore || IsCut;
    }
}
