#if Hummingbird
import HTTPPipeline
import HTTPTypes
package import NIOCore

/// The responses that one event loop sends again, and the figures that it has not reported yet.
///
/// It has sets of eight slots. A head is only in the set that its hash selects, so a look-up compares at most eight hashes, and the
/// hash has a random seed, so that clients cannot fill one set on purpose.
///
/// `@unchecked` because only the event loop uses it: `HitTables` hands it out there, to handlers of channels of that event loop.
package final class HitTable: @unchecked Sendable {
    let settings: ChannelHitSettings
    /// The names of the credential fields.
    let credentials: FieldNames
    // Accesses to the properties are short, so they never overlap. Checks of that would cost each request.
    @exclusivity(unchecked) var clock = DateClock()

    private let figures: ReuseFigures
    private let eventLoop: any EventLoop
    private let setMask: Int
    @exclusivity(unchecked) private var slots: [ReusedResponse?]
    @exclusivity(unchecked) private var hashes: [UInt64]
    @exclusivity(unchecked) private var seen = SeenHeads()
    @exclusivity(unchecked) private var hand = 0
    @exclusivity(unchecked) private(set) var count = 0
    @exclusivity(unchecked) private(set) var byteCount = 0
    /// The changes since the figures were reported.
    @exclusivity(unchecked) private var changes = ReuseFigures.Values()
    @exclusivity(unchecked) private var isSweepScheduled = false

    private static let setSize = 8
    /// The number of slots that a sweep visits.
    private static let sweepLength = 4096
    private static let sweepInterval = TimeAmount.seconds(1)

    /// Creates an empty table.
    package init(_ hits: ChannelHits, on eventLoop: any EventLoop) {
        settings = hits.settings
        figures = hits.figures
        self.eventLoop = eventLoop
        credentials = FieldNames(settings.credentialFields.map(\.canonicalName))
        var sets = 1
        while sets * Self.setSize < settings.responseLimit * 2 { sets *= 2 }
        setMask = sets - 1
        slots = Array(repeating: nil, count: sets * Self.setSize)
        hashes = Array(repeating: 0, count: slots.count)
    }

    // MARK: Look-ups

    /// Returns the slot of a request's response, or -1.
    @inline(__always)
    func slot(of request: UnsafeRawBufferPointer, hash: UInt64) -> Int {
        let start = (Int(truncatingIfNeeded: hash) & setMask) * Self.setSize
        for slot in start..<start + Self.setSize where hashes[slot] == hash {
            if let response = slots[slot], response.isResponse(to: request) { return slot }
        }
        return -1
    }

    /// Returns the response in a slot if it may be sent now, and its age; otherwise removes it.
    @inline(__always)
    func use(_ slot: Int) -> (response: ReusedResponse, age: Int)? {
        guard let response = slots[slot] else { return nil }
        switch response.use() {
        case .usable(let age): return (response, age)
        case .skipped: refused(.unconfirmed)
        case .over:
            refused(response.isOver ? .over : .stamp)
            remove(slot)
        }
        return nil
    }

    /// Counts a request that was answered.
    @inline(__always)
    func answered(_ response: ReusedResponse) {
        response.pendingCount &+= 1
        changes.answered &+= 1
        if !isSweepScheduled { scheduleSweep() }
    }

    /// Counts a request that was not answered.
    @inline(__always)
    func refused(_ reason: ReuseRefusal) {
        changes.refused[reason.position] &+= 1
        if !isSweepScheduled { scheduleSweep() }
    }

    // MARK: Recording

    /// Returns whether the response to a head is worth recording, because the head has come before.
    func isWorthRecording(_ hash: UInt64) -> Bool { seen.note(hash) }

    /// Records that the response to a head must not be sent again, so that the head is not recorded for a while.
    func refusedRecording(_ hash: UInt64, because reason: ReuseRefusal) {
        // After a miss the response is usually a hit, and a new stamp is kept for longer than this request.
        let isTemporary = reason == .miss || reason == .stamp || reason == .refresh
        seen.skip(hash, isTemporary: isTemporary)
        refused(reason)
    }

    /// Adds a response.
    package func insert(_ response: ReusedResponse) {
        guard response.cost <= settings.byteLimit / 8 else { return refusedRecording(response.hash, because: .size) }
        let start = (Int(truncatingIfNeeded: response.hash) & setMask) * Self.setSize
        let own = start..<start + Self.setSize
        for slot in own where hashes[slot] == response.hash { remove(slot) }
        while count > 0, count >= settings.responseLimit || byteCount + response.cost > settings.byteLimit { evict() }
        // A slot is reused at random if the set is full.
        let slot = own.first { slots[$0] == nil } ?? start + Int(truncatingIfNeeded: response.hash >> 60) & 7
        remove(slot)
        (slots[slot], hashes[slot]) = (response, response.hash)
        count += 1
        byteCount += response.cost
        changes.responses += 1
        changes.bytes += response.cost
        seen.succeed(response.hash)
        if !isSweepScheduled { scheduleSweep() }
    }

    private func remove(_ slot: Int) {
        guard let response = slots[slot] else { return }
        report(response)
        (slots[slot], hashes[slot]) = (nil, 0)
        count -= 1
        byteCount -= response.cost
        changes.responses -= 1
        changes.bytes -= response.cost
    }

    /// Removes the next response in the order of slots, which is that of hashes and therefore random.
    private func evict() {
        while slots[hand] == nil { hand = (hand + 1) & (slots.count - 1) }
        remove(hand)
    }

    // MARK: Sweeps and figures

    /// Frees responses whose entries are gone, and reports the figures, as long as there are responses.
    private func scheduleSweep() {
        isSweepScheduled = true
        eventLoop.assumeIsolatedUnsafeUnchecked().scheduleTask(in: Self.sweepInterval) { [weak self] in
            guard let self else { return }
            isSweepScheduled = false
            sweep()
            if count > 0 { scheduleSweep() }
        }
    }

    /// Frees responses whose entries are gone, and reports the figures.
    func sweep() {
        for _ in 0..<min(Self.sweepLength, slots.count) {
            if let response = slots[hand] { if response.isOver { remove(hand) } else { report(response) } }
            hand = (hand + 1) & (slots.count - 1)
        }
        figures.add(changes)
        changes = ReuseFigures.Values()
    }

    private func report(_ response: ReusedResponse) {
        guard response.pendingCount > 0 else { return }
        response.recorded.hit.count(response.pendingCount)
        response.pendingCount = 0
    }
}

extension ReusedResponse {
    /// Returns whether a request has exactly the bytes of the recorded one.
    @inline(__always)
    fileprivate func isResponse(to other: UnsafeRawBufferPointer) -> Bool {
        request.withUnsafeReadableBytes { own in
            own.count == other.count && own.elementsEqualMemory(other)
        }
    }
}
#endif
