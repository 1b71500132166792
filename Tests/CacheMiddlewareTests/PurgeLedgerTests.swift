import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineTesting
import Testing

@testable import CacheMiddleware

@Suite struct PurgeLedgerTests {
    @Test func `Every caller of one store gets the same ledger`() {
        let (store, other) = (RecordingStore(), RecordingStore())
        let count = PurgeLedger.of(store)
        PurgeLedger.of(store).add()
        PurgeLedger.of(store).add()
        #expect(count.count == 2)
        #expect(PurgeLedger.of(other).count == 0)
    }

    @Test func `A ledger that no caller holds is dropped`() {
        let store = RecordingStore()
        for _ in 0..<100 {
            let count = PurgeLedger.of(store)
            #expect(count.count == 0)
            count.add()
        }
    }

    @Test func `Ledgers in use survive many others`() {
        let stores = (0..<1000).map { _ in RecordingStore() }
        let counts = stores.map { PurgeLedger.of($0) }
        for count in counts { count.add() }
        for _ in 0..<1000 { _ = PurgeLedger.of(RecordingStore()) }
        for store in stores { #expect(PurgeLedger.of(store).count == 1) }
    }

    @Test func `Failed purges beyond the limit become a purge of everything`() {
        let ledger = PurgeLedger()
        for number in 0...PurgeBacklog.limit {
            let purge = Purge(selection: .tag("\(number)"), mode: .soft)
            ledger.begin(purge)
            ledger.fail(purge)
        }
        #expect(ledger.owed.keys.map(\.selection) == [.everything])
        let entry = CacheEntry(status: .ok, storedAt: Timestamp(nanoseconds: 0))
        #expect(ledger.unconfirmed.mode(for: entry, under: CacheKey(digestOf: "key")) == .hard)
    }

    @Test func `A purge is unconfirmed until all its calls have ended`() {
        let ledger = PurgeLedger()
        let key = CacheKey(digestOf: "key")
        let purge = Purge(selection: .key(key), mode: .hard)
        let entry = CacheEntry(status: .ok, storedAt: Timestamp(nanoseconds: 0))
        for _ in 0..<2 { ledger.begin(purge) }
        ledger.confirm(purge)
        #expect(ledger.unconfirmed.mode(for: entry, under: key) == .hard)
        ledger.fail(purge)
        #expect(ledger.unconfirmed.mode(for: entry, under: key) == .hard)
        #expect(ledger.continuesRetrying(false))
        #expect(!ledger.continuesRetrying(false), "one caller retries at a time")
        for (purge, number) in ledger.owed { ledger.settle(purge, number: number) }
        #expect(ledger.isSettled)
        #expect(!ledger.continuesRetrying(true))
    }
}
