/// A purge: which entries, and how.
package struct Purge: Hashable, Sendable {
    package let selection: PurgeSelection
    package let mode: PurgeMode

    package init(selection: PurgeSelection, mode: PurgeMode) {
        self.selection = selection
        self.mode = mode
    }
}
