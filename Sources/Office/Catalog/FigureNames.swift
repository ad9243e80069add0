package import Exchange
package import Schema

/// What a figure counts, in words: its name, its unit, and whether it is a flow of the period or a stock at its end.
extension Figure: Named {
    package var text: Text? {
        switch self {
        case .unspecified: Text("", "")
        case .filed: Text("提报", "filed")
        case .accepted: Text("受理", "accepted")
        case .included: Text("纳入清单", "included")
        case .declined: Text("不予纳入", "declined")
        case .routine: Text("转常规办理", "to routine handling")
        case .referred: Text("转上级", "referred upward")
        case .void: Text("作废(重复)", "void (duplicate)")
        case .carriedOver: Text("跨年结转", "carried over")
        case .suspended: Text("在办·挂起", "open, suspended")
        case .assigned: Text("交办", "assigned")
        case .reported: Text("反馈结果", "result reported")
        case .closed: Text("销号", "closed")
        case .withdrawn: Text("撤回", "withdrawn")
        case .solved: Text("销号·A 已解决", "closed, A solved")
        case .beingSolved: Text("销号·B 正在解决或列入计划", "closed, B being solved or planned")
        case .notPossible: Text("销号·C 因条件限制暂不能解决", "closed, C not possible now")
        case .kept: Text("销号·D 留作参考", "closed, D kept for reference")
        case .solvedPersons: Text("已解决事项惠及", "helped by what was solved")
        case .solvedTimes: Text("已解决事项服务", "done in what was solved")
        case .satisfied: Text("评价满意", "rated satisfied")
        case .mostlySatisfied: Text("评价基本满意", "rated mostly satisfied")
        case .dissatisfied: Text("评价不满意(重办)", "rated dissatisfied (redo)")
        case .redoneItems: Text("被重办的事项", "items redone")
        case .ratedItems: Text("有评价的事项", "items rated")
        case .handedBack: Text("退回改派", "handed back")
        case .due: Text("到期应办结", "due")
        case .dueClosed: Text("到期已办结", "due and closed")
        case .dueOnTime: Text("按期办结", "due and closed on time")
        case .open: Text("在办", "open")
        case .openAssigned: Text("在办·已交办", "open, assigned")
        case .overdue: Text("超期未反馈", "overdue")
        case .casesFiled: Text("提报", "filed")
        case .casesReviewed: Text("审核", "reviewed")
        case .casesPlaced: Text("安置", "placed")
        case .casesNotPlaced: Text("未能办成", "not placed")
        case .casesClosed: Text("办结", "closed")
        case .casesWithdrawn: Text("撤回", "withdrawn")
        case .casesSolved: Text("解决(确认已办成)", "solved (placement confirmed)")
        case .casesOpen: Text("在办", "open")
        case .unrecognized: nil
        }
    }

    /// 件, 人 or 次: never mixed in one figure. A figure of cases is in what each row is counted in (`CaseFigures.counted`).
    package var unit: Text {
        switch self {
        case .satisfied, .mostlySatisfied, .dissatisfied, .handedBack, .solvedTimes:
            CountUnit.time.text ?? Text("", "")
        case .solvedPersons: CountUnit.person.text ?? Text("", "")
        case _ where isOfCases: Text("人件(次)", "persons, items, times")
        default: CountUnit.item.text ?? Text("", "")
        }
    }

    package var isOfCases: Bool { (60..<100).contains(rawValue) }
    package var isStock: Bool { (40..<60).contains(rawValue) || (80..<100).contains(rawValue) }
    package var kind: Text { isStock ? Text("存量", "stock") : Text("流量", "flow") }
}

extension CountUnit: Named {
    package var text: Text? {
        switch self {
        case .unspecified: Text("", "")
        case .item: Text("件", "items")
        case .person: Text("人", "persons")
        case .time: Text("次", "times")
        case .unrecognized: nil
        }
    }
}

extension Worry: Named {
    package var text: Text? {
        switch self {
        case .unspecified: Text("(未归类)", "(none)")
        case .wayOut: Text("后路", "way out")
        case .home: Text("后院", "home")
        case .children: Text("后代", "children")
        case .unrecognized: nil
        }
    }
}

extension PeopleKind: Named {
    package var text: Text? {
        switch self {
        case .unspecified: Text("(未注明)", "(not said)")
        case .officer: Text("转业军官", "officers")
        case .soldier: Text("退役士兵", "soldiers")
        case .unrecognized: nil
        }
    }
}

extension Rate {
    package var text: Text {
        switch code {
        case "completion": Text("办结率", "completion rate")
        case "on_time": Text("按期办结率", "on-time rate")
        case "satisfaction": Text("满意率", "satisfaction rate")
        case "redo": Text("重办率", "redo rate")
        case "solution": Text("解决率", "solution rate")
        default: Text("纳入率", "inclusion rate")
        }
    }

    /// What it is a share of, as it stands beside every rate that is printed.
    package var basis: Text {
        switch code {
        case "completion": Text("到期应办结件中已销号的", "closed, of the items due by the report's day")
        case "on_time":
            Text("到期应办结件中按时限反馈并销号的", "reported in time and closed, of the items due by the report's day")
        case "satisfaction": Text("全部评价次数中满意、基本满意的", "satisfied and mostly satisfied, of all ratings")
        case "redo": Text("有评价的事项中被重办过的", "sent back at least once, of the items rated")
        case "solution": Text("销号件中结果为A已解决的", "result A, of the items closed")
        default: Text("会商决定的事项中纳入清单的", "included, of the items decided")
        }
    }
}
