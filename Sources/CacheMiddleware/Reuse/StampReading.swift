import HTTPPipeline

/// A version stamp as a request has read it.
final class StampReading: ReusableStamp {
    private let stamp: VersionStamp
    /// The life of the stamp's entry, which a replacement ends.
    private let life: EntryLife

    init(of stamp: VersionStamp, life: EntryLife) {
        self.stamp = stamp
        self.life = life
    }

    var isCurrent: Bool { stamp.isCurrent(life) }
}
