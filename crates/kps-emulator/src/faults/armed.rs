use super::plan::Struck;
use super::random::Dice;
use super::rule::When;
use super::text::InForce;
use super::throttle::Window;
use super::{Fault, FaultRule, Plan, Way};

/// The rules that wait for their calls.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    armed: Vec<Armed>,
    injected: u64,
}

/// A rule, and what it has seen so far.
#[derive(Debug)]
struct Armed {
    id: u64,
    rule: FaultRule,
    seen: u64,
    has_acted: bool,
    dice: Dice,
    window: Window,
}

impl Faults {
    pub(crate) fn inject(&mut self, rule: FaultRule) {
        self.injected = self.injected.wrapping_add(1);
        self.armed.push(Armed::new(self.injected, rule));
    }

    /// Those that wait for more calls.
    pub(crate) fn in_force(&self) -> impl Iterator<Item = InForce<'_>> {
        self.armed.iter().map(|armed| InForce { rule: &armed.rule, number: armed.id, seen: armed.seen })
    }

    /// Takes back the one of this number, and tells whether there was such a one.
    pub(crate) fn take_back(&mut self, number: u64) -> bool {
        let before = self.armed.len();
        self.armed.retain(|armed| armed.id != number);
        self.armed.len() < before
    }

    pub(crate) fn clear(&mut self) {
        self.armed.clear();
    }

    /// What is to go wrong with a call.
    pub(crate) fn plan(&mut self, operation: &str, clock: i64, way: Way) -> Plan {
        let due = self.armed.iter_mut().filter_map(|armed| armed.counts(operation, way).then_some(armed));
        let (along, mut others): (Vec<_>, Vec<_>) = due.partition(|armed| armed.rule.fault.place().is_none());
        // This keeps the order of those that strike at the same place.
        others.sort_by_key(|armed| armed.rule.fault.place());
        let strike = others.into_iter().find_map(|armed| armed.strikes(clock).then(|| armed.struck()));
        Plan::new(along.iter().map(|armed| armed.struck()).collect(), strike)
    }

    /// What did go wrong. Drops the rules that are done.
    pub(crate) fn settle(&mut self, plan: Plan) -> Vec<Fault> {
        let struck = plan.into_struck();
        for armed in &mut self.armed {
            armed.has_acted |= struck.iter().any(|struck| struck.id == armed.id);
        }
        self.armed.retain(|armed| !armed.is_done());
        struck.into_iter().map(|struck| struck.fault).collect()
    }
}

impl Armed {
    fn new(id: u64, rule: FaultRule) -> Self {
        let seed = if let When::Chance { seed, .. } = rule.when { seed } else { 0 };
        Self { id, rule, seen: 0, has_acted: false, dice: Dice::new(seed), window: Window::default() }
    }

    /// Counts a call that it is for, and tells whether it is due.
    fn counts(&mut self, operation: &str, way: Way) -> bool {
        if !self.rule.is_for(operation, way) {
            return false;
        }
        self.seen = self.seen.saturating_add(1);
        match self.rule.when {
            When::Every | When::Once => true,
            When::Nth(n) => self.seen == n,
            When::First(n) => self.seen <= n,
            When::Chance { probability, .. } => self.dice.falls(probability),
        }
    }

    /// Whether it acts on a call that has come as far as it.
    fn strikes(&mut self, clock: i64) -> bool {
        let Fault::Throttle { limit, window } = self.rule.fault else { return true };
        !self.window.admits(limit, window, clock)
    }

    fn struck(&self) -> Struck {
        Struck { id: self.id, fault: self.rule.fault.clone() }
    }

    const fn is_done(&self) -> bool {
        match self.rule.when {
            When::Every | When::Chance { .. } => false,
            When::Once => self.has_acted,
            When::Nth(n) | When::First(n) => self.seen >= n,
        }
    }
}
