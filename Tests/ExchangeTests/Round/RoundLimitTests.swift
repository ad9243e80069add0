import Exchange
import TestSupport
import Testing

import struct BureauTestSupport.RoundSample
import func BureauTestSupport.sha256

@Suite("ROUND.md 2 and 6 what inputs may hold")
struct RoundLimitTests {
    private func sample() throws -> RoundSample {
        var random = SplitMix64(seed: 4)
        return try RoundSample(&random, people: 2, posts: 2)
    }

    private func fault(_ change: (inout RoundSample) -> Void) throws -> RoundFault.Kind? {
        var sample = try sample()
        change(&sample)
        do throws(RoundFault) {
            _ = try sample.inputs()
            return nil
        } catch { return error.kind }
    }

    private func post(_ key: String = "G9", seats: Int = 1, title: String = "科员") -> RoundPost {
        RoundPost(key: key, destination: "civil", seats: seats, employer: "单位", title: title)
    }

    private func person(_ evidence: [RoundEvidence]) -> RoundPerson {
        RoundPerson(key: "Q1", maskedName: "王**", evidence: evidence)
    }

    @Test("posts: seats, texts, keys, how many; at the limit and one beyond")
    func posts() throws {
        #expect(try fault { $0.posts.append(post(seats: RoundLimits.seats)) } == nil)
        #expect(try fault { $0.posts.append(post(seats: RoundLimits.seats + 1)) } == .outOfRange)
        #expect(try fault { $0.posts.append(post(seats: 0)) } == .outOfRange)
        let text = String(repeating: "x", count: RoundLimits.textBytes)
        #expect(try fault { $0.posts.append(post(title: text)) } == nil)
        #expect(try fault { $0.posts.append(post(title: text + "x")) } == .outOfRange)
        for wrong in ["", " 　", "a\tb", "a\nb", "a\u{202E}b", "a\u{85}"] {
            #expect(try fault { $0.posts.append(post(title: wrong)) } != nil)
        }
        #expect(try fault { $0.posts.append(post("G1")) } == .repeated)
        #expect(try fault { $0.posts.append(post("42130319900101123X")) } == .malformed)
        let many = (0..<RoundLimits.posts).map { post("N\($0)") }
        #expect(try fault { $0.posts = many } == nil)
        #expect(try fault { $0.posts = many + [post("N")] } == .tooMany)
    }

    @Test("people: evidence, counts, keys, how many; at the limit and one beyond")
    func people() throws {
        func fact(_ count: Int, _ record: String = "a") -> RoundEvidence {
            RoundEvidence(item: "service-year", count: count, record: record)
        }
        #expect(try fault { $0.people.append(person([fact(RoundLimits.count)])) } == nil)
        #expect(try fault { $0.people.append(person([fact(RoundLimits.count + 1)])) } == .outOfRange)
        #expect(try fault { $0.people.append(person([fact(0)])) } == .outOfRange)
        #expect(try fault { $0.people.append(person([fact(1), fact(2)])) } == .repeated)
        #expect(try fault { $0.people.append(person([fact(1, ""), fact(2, "")])) } == .repeated)
        #expect(try fault { $0.people.append(person([fact(1, "x y")])) } == .malformed)
        let unknown = RoundEvidence(item: "fame", count: 1, record: "a")
        #expect(try fault { $0.people.append(person([unknown])) } == .unknown)
        let facts = (0...RoundLimits.evidence).map { fact(1, "a\($0)") }
        #expect(try fault { $0.people.append(person(Array(facts.dropLast()))) } == nil)
        #expect(try fault { $0.people.append(person(facts)) } == .tooMany)
        #expect(try fault { $0.people.append($0.people[0]) } == .repeated)
        let many = (0..<RoundLimits.people).map {
            RoundPerson(key: "N\($0)", maskedName: "王**", evidence: [])
        }
        #expect(try fault { $0.people = many } == nil)
        #expect(try fault { $0.people = many + [person([])] } == .tooMany)
    }

    @Test("the inputs are frozen before the day of the public value; tie rules name groups, each once")
    func announcement() throws {
        func fault(publicOn: CivilDay = RoundSample.day(2026, 12, 1), _ ties: [String]) throws -> RoundFault
            .Kind?
        {
            try self.fault { sample in
                let said = sample.announcement
                sample.announcement = RoundAnnouncement(
                    city: said.city, key: said.key, title: said.title, commitment: said.commitment,
                    publicOn: publicOn, publicName: said.publicName, ties: ties)
            }
        }
        #expect(try fault(publicOn: RoundSample.day(2026, 11, 21), []) == nil)
        #expect(try fault(publicOn: RoundSample.day(2026, 11, 20), []) == .frozenLate)
        #expect(try fault(["merit"]) == nil)
        #expect(try fault(["merit", "merit"]) == .repeated)
        #expect(try fault(["luck"]) == .unknown)
    }

    @Test("a published file: at the limit it is read, one byte beyond it is not")
    func fileBytes() {
        func kind(_ count: Int) -> RoundFault.Kind? {
            do throws(RoundFault) {
                _ = try RoundVerification([UInt8](repeating: 0, count: count), sha256)
                return nil
            } catch { return error.kind }
        }
        #expect(kind(RoundLimits.fileBytes) == .notText)
        #expect(kind(RoundLimits.fileBytes + 1) == .tooMany)
    }

    @Test("the public value: printable ASCII, as everybody can type it; at the limit and one beyond")
    func publicValue() {
        #expect(RoundDraw.isPublicValue("5") && RoundDraw.isPublicValue("03 09 + 07"))
        #expect(RoundDraw.isPublicValue(String(repeating: "1", count: RoundLimits.valueBytes)))
        #expect(!RoundDraw.isPublicValue(String(repeating: "1", count: RoundLimits.valueBytes + 1)))
        for wrong in ["", " 1", "1 ", "１", "1\t2"] { #expect(!RoundDraw.isPublicValue(wrong)) }
    }
}
