/// An index that finds the entries with a tag or a URL.
///
/// Each pair of an entry and a label is a link. A link is in two lists: that of its label, whose first link a hash table finds, and
/// that of its entry. All links are in one flat array. A label without links uses no memory, so the size of the index is bounded by
/// the labels of the current entries.
///
/// Labels are identified by a seeded 64-bit hash. Callers have to check that an entry found by the hash has the label.
struct LabelIndex {
    private struct Link {
        var hash: UInt64
        /// The position of the entry.
        var entry: UInt32
        var next: UInt32
        var previous: UInt32
        /// The next link of the same entry.
        var nextOfEntry: UInt32
    }

    /// The value for no link.
    static let none = UInt32.max

    private var links: [Link] = []
    private var firstFree = none
    /// The number of links: pairs of an entry and one of its labels.
    private(set) var linkCount = 0
    /// The number of different labels.
    private(set) var labelCount = 0
    /// The first links of labels by the low bits of their hashes; open addressing, at most half full.
    private var slots: [UInt32] = []
    /// The links that purges visit next.
    private var cursors: [(number: UInt64, link: UInt32)] = []

    /// Whether much more memory is allocated than used.
    var isSparse: Bool { links.count > 1024 && linkCount * 4 < links.count }

    /// Links an entry with a label, once. All links of one entry must be inserted consecutively.
    ///
    /// - Parameters:
    ///   - hash: The hash of the label.
    ///   - entry: The position of the entry.
    ///   - firstLink: The first link of the entry.
    /// - Complexity: O(1), amortized.
    mutating func insert(_ hash: UInt64, of entry: UInt32, firstLink: inout UInt32) {
        if (labelCount + 1) * 2 > slots.count { resize(to: max(8, slots.count * 2)) }
        let slot = slot(of: hash)
        let head = slots[slot]
        // The latest link of a label is first, so a label that the entry has twice is found there.
        if head != Self.none, links[Int(head)].entry == entry { return }
        let link = Link(hash: hash, entry: entry, next: head, previous: Self.none, nextOfEntry: firstLink)
        let position: UInt32
        if firstFree != Self.none {
            position = firstFree
            firstFree = links[Int(position)].next
            links[Int(position)] = link
        } else {
            position = UInt32(links.count)
            links.append(link)
        }
        if head != Self.none { links[Int(head)].previous = position } else { labelCount += 1 }
        slots[slot] = position
        firstLink = position
        linkCount += 1
    }

    /// Removes all links of an entry.
    ///
    /// - Complexity: O(number of its labels).
    mutating func removeLinks(from firstLink: UInt32) {
        var position = firstLink
        while position != Self.none {
            let link = links[Int(position)]
            for index in cursors.indices where cursors[index].link == position { cursors[index].link = link.next }
            if link.next != Self.none { links[Int(link.next)].previous = link.previous }
            if link.previous != Self.none {
                links[Int(link.previous)].next = link.next
            } else {
                let slot = slot(of: link.hash)
                if link.next != Self.none {
                    slots[slot] = link.next
                } else {
                    slots[slot] = Self.none
                    slots.closeProbingGap(
                        at: slot, isEmpty: { $0 == Self.none }, hash: { [links] in links[Int($0)].hash })
                    labelCount -= 1
                }
            }
            links[Int(position)].next = firstFree
            firstFree = position
            linkCount -= 1
            position = link.nextOfEntry
        }
        if slots.count > 64, labelCount * 8 < slots.count { resize(to: slots.count / 2) }
    }

    /// Opens a cursor at the first link of a label. Links that are inserted later come before it.
    mutating func openCursor(_ number: UInt64, under hash: UInt64) {
        guard !slots.isEmpty else { return }
        cursors.append((number, slots[slot(of: hash)]))
    }

    /// Advances a cursor.
    ///
    /// - Returns: The position of the entry at the cursor before the call; nil at the end, or if there is no such cursor.
    mutating func advance(_ number: UInt64) -> UInt32? {
        guard let index = cursors.firstIndex(where: { $0.number == number }), cursors[index].link != Self.none
        else { return nil }
        let link = links[Int(cursors[index].link)]
        cursors[index].link = link.next
        return link.entry
    }

    /// Closes a cursor, if it is open.
    mutating func closeCursor(_ number: UInt64) {
        cursors.removeAll { $0.number == number }
    }

    /// Moves the links of an entry here from another index.
    ///
    /// - Returns: The first of the entry's links in this index.
    mutating func takeLinks(from other: LabelIndex, firstLink: UInt32, of entry: UInt32) -> UInt32 {
        var first = Self.none
        var position = firstLink
        while position != Self.none {
            insert(other.links[Int(position)].hash, of: entry, firstLink: &first)
            position = other.links[Int(position)].nextOfEntry
        }
        return first
    }

    /// Returns the slot of a label, or the empty one where it belongs.
    private func slot(of hash: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != Self.none, links[Int(slots[slot])].hash != hash { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func resize(to capacity: Int) {
        let old = slots
        slots = Array(repeating: Self.none, count: capacity)
        for position in old where position != Self.none { slots[slot(of: links[Int(position)].hash)] = position }
    }
}
