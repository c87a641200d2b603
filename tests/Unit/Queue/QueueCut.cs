using FullStack.Unit.Store.Faults;

namespace FullStack.Unit.Queue;

/// <summary>What a power cut leaves.</summary>
/// <param name="Image">The files.</param>
/// <param name="Database">How much of the queue's database.</param>
/// <param name="At">After how many effects it came.</param>
internal sealed record QueueCut(DiskImage Image, IndexState Database, int At)
{
    /// <summary>What cuts between two counts of effects may leave, each once: the latest first.</summary>
    public static IReadOnlyList<QueueCut> Of(Journal journal, int begun, int end, int seed)
    {
        List<QueueCut> cuts = [];
        HashSet<(string, IndexState)> seen = [];
        for (int at = end; at >= begun; at--)
        {
            foreach (DiskImage image in journal.Outcomes(at, seed + at))
            {
                foreach (IndexState database in (IndexState[])[IndexState.Durable, IndexState.Present])
                {
                    if ((database == IndexState.Durable || image.IndexDiffers) && seen.Add((image.Digest, database)))
                        cuts.Add(new(image, database, at));
                }
            }
        }

        return cuts;
    }
}
